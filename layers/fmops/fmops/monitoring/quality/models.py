"""What later truths say of a window's answers."""

from typing import Literal

from pydantic import Field

from fmops.core.models import Ours


class Mean(Ours):
    """A metric's mean with its interval of 95 %."""

    value: float
    low: float
    high: float
    n: int
    method: str


class MeasuredMetric(Ours):
    """A metric in production, and in the release's evaluation."""

    now: Mean | None
    """None where no answer could be scored."""
    evaluated: Mean | None
    """None where the evaluation has too few scores."""
    worse: bool = False
    """Whether it is surely below the evaluation's by more than the margin."""


class Quality(Ours):
    """The quality of a window's answers, measured when its truths may be no longer late."""

    window: str
    """Whose answers they are: an earlier one than the window that tells it."""
    verdict: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    captured: int = 0
    """Answers of the window."""
    matched: int = 0
    """Of how many of them the truth is known."""
    truths: int = 0
    """Different ids that truths came for in the meantime, of this window and of others."""
    corrected: int = 0
    """Ids whose truth was replaced by another one; the last counts."""
    unreadable: int = 0
    """Lines of truths that could not be read."""
    least: int = 0
    metrics: dict[str, MeasuredMetric] = Field(default_factory=dict)
    reasons: list[str] = Field(default_factory=list)
