"""What every scorer has in common."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from fmops.evaluation.algorithms import METRICS_OF, Algorithm, Metric, Scoring
from fmops.evaluation.models import Scorer

Values = dict[Metric, float | None]

TARGET, OUTPUT = "target_output", "model_output"
"""FMEval's names for the members of a record."""
NEVER = "\x00"
"""For targets that are one answer each: a delimiter that no text holds. FMEval would split at blanks."""


class Record(NamedTuple):
    """What a model wrote, and what that is measured by."""

    answer: str
    target: str = ""
    """What it should have written; "" where nobody knows."""
    perturbed: tuple[str | None, ...] = ()
    """Its answers to the perturbed prompts; None where there is none."""
    log_probabilities: tuple[float | None, float | None] = (None, None)
    """Of the row's prompt, and of the one that its target makes."""


class Means(NamedTuple):
    """What scorers are made of."""

    scoring: Scoring = Scoring()
    delimiter: str | None = None
    labels: tuple[str, ...] = ()
    assets: Path = Path("/opt/fmops/assets")
    sampled: bool = False
    """Whether the same prompt may get another answer each time."""
    likelihoods: bool = False
    """Whether the target tells how likely it finds a prompt."""

    @property
    def split_at(self) -> str:
        return self.delimiter or NEVER


class RowScorer(Protocol):
    """One algorithm."""

    card: Scorer

    def score(self, records: Sequence[Record]) -> list[Values]:
        """Each record's scores; None where there is none to give."""


@runtime_checkable
class OverallScorer(Protocol):
    """An algorithm that has something to say about all records together as well."""

    def overall(self, records: Sequence[Record]) -> Values:
        """The scores of the whole."""


Measure = Callable[[str, str], Values]
"""Scores of an answer by a target."""


class MeasuredScorer:
    """Compares each answer with its target."""

    def __init__(self, measure: Measure, card: Scorer) -> None:
        self._measure = measure
        self.card = card

    def score(self, records: Sequence[Record]) -> list[Values]:
        return [self._measure(record.answer, record.target) for record in records]


def alternatives(target: str, delimiter: str) -> list[str]:
    """The answers that a target allows. None of them is empty: FMEval finds an empty target in every answer."""
    return [one for one in target.split(delimiter) if one.strip()]


def nothing(algorithm: Algorithm) -> Values:
    """No score at all."""
    return dict.fromkeys(METRICS_OF[algorithm])


def finite(value: Any) -> float | None:
    """NaN and infinity are no scores."""
    number = float(value)
    return number if math.isfinite(number) else None


def sentences(reasons: Mapping[Metric, str | None]) -> dict[Metric, str]:
    """The reasons that there are."""
    return {metric: reason for metric, reason in reasons.items() if reason}
