"""What a report shows beside its numbers: categories, single answers, speed and price, where the code came from.

Texts in it are masked and cut before they are written down.
"""

from pydantic import Field

from fmops.core.models import Ours


class Span(Ours):
    """A number and the interval around it, None where so few rows say nothing."""

    value: float | None
    low: float | None = None
    high: float | None = None


class CategoryScore(Ours):
    """How the leader and what it is compared with do on the rows of one category."""

    category: str
    n: int = Field(ge=0)
    scores: dict[str, float | None]
    """The weighted score by candidate."""
    difference: Span | None
    """Above 0 the leader is better; None where it is compared with nobody."""


class Said(Ours):
    """What one candidate made of a row."""

    prompt: str
    answer: str | None
    """None where there was no answer."""
    score: float


class Example(Ours):
    """A row on which the leader and the other differ much."""

    row: str
    category: str | None
    target: str | None
    gap: float
    """The leader's weighted score less the other's."""
    leader: Said
    other: Said


class Speed(Ours):
    """What a candidate's answers took and cost. Unknown is None, never 0."""

    answers: int | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    concurrency: int | None = None
    reused: int | None = None
    intervened: int | None = None
    usd_per_1000: float | None = None


class FeatureRow(Ours):
    """One model in the feature matrix."""

    name: str
    kept: bool
    reasons: list[str] = []
    """Why the use case's conditions cut it."""
    features: dict[str, str]


class Code(Ours):
    """Which code judged."""

    version: str | None = None
    """As it was named when the stack was deployed; None where nobody named one."""
    library: str
    """The digest of the library's source as it ran."""


class Details(Ours):
    """All of it; what was not measured is left out."""

    scored_by: list[str]
    """The metrics that the weighted score of categories and examples is made of."""
    categories: list[CategoryScore] = []
    categories_left_out: int = Field(default=0, ge=0)
    wins: list[Example] = []
    losses: list[Example] = []
    speeds: dict[str, Speed] = {}
    prices_of: str | None = None
    """The day of the price table."""
    features: list[FeatureRow] = []
    code: Code | None = None
