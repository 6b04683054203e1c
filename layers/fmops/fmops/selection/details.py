"""What a report shows beside its numbers: categories, single answers, speed and price, where the code came from.

Texts in it are masked and cut before they are written down.
"""

from typing import Literal

from pydantic import Field

from fmops.core.models import Ours
from fmops.evaluation.reviews.models import PairCounts

SIMULTANEOUS = (
    "Answers that were under way at the same time share their target's load. The intervals of latency take them as "
    "independent: where the load varied they are too narrow."
)
"""Stands wherever an interval of latency does."""


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


class ReviewedPair(PairCounts):
    """What people say of one candidate, as the report shows it."""

    candidate: str
    rival: str
    preference: Span
    """The share that prefers the candidate less the share that prefers the other, over the rows."""


class ReviewComment(Ours):
    """What a reviewer wrote beside a vote."""

    row: str
    reviewer: int
    candidate: str
    rival: str
    said: Literal["win", "tie", "loss"]
    """Of the candidate."""
    left: str
    """Whose answer stood as A."""
    text: str


class PeopleReview(Ours):
    """How people judged."""

    invited: int = Field(ge=0)
    reviewers: int = Field(ge=0)
    voted: int = Field(ge=0)
    sent: int = Field(ge=0)
    votes: int = Field(ge=0)
    reason: str = ""
    """Why nobody was asked."""
    alpha: float | None
    """Krippendorff's, of win, tie and loss."""
    share: float | None
    items: int = Field(ge=0)
    """That at least two people judged."""
    pairs: list[ReviewedPair] = []
    comments: list[ReviewComment] = []
    comments_left_out: int = Field(default=0, ge=0)


class Code(Ours):
    """Which code judged."""

    version: str | None = None
    """As it was named when the stack was deployed; None where nobody named one."""
    library: str
    """The digest of the library's source as it ran."""


class JudgedCandidate(Ours):
    """What the judge said of one candidate's answers."""

    candidate: str
    score: Span
    """The win rate against the reference, a tie as one half; or the mean grade between 0 and 1."""
    n: int = Field(ge=0)
    wins: int = 0
    ties: int = 0
    losses: int = 0
    equal: int = 0
    """Of the ties: the answers were the same, and nobody was asked."""
    failed: int = 0
    """Rows without a verdict that could be read; they count neither for nor against."""
    unanswered: int = 0
    grades: dict[int, int] = {}


class ProbesOfKind(Ours):
    """How the judge did on known answers of one kind."""

    kind: str
    probes: int
    right: int
    failed: int


class JudgeResult(Ours):
    """What a judge said, how good it is, and what that took."""

    model: str
    method: Literal["pairwise", "rubric"]
    criteria: str
    used: bool
    why_not: str = ""
    """Why nothing it said counts."""
    min_accuracy: float
    accuracy: Span | None = None
    """Over known answers; None where it was not asked."""
    known_answers: int = 0
    """Of which its verdict could be read."""
    known_failed: int = 0
    kinds: list[ProbesOfKind] = []
    reference: str | None = None
    rows: int = 0
    candidates: list[JudgedCandidate] = []
    pairs: int = 0
    """With a verdict in both orders, known answers among them."""
    agreed: int = 0
    """Of these: both orders said the same."""
    position_bias: Span | None = None
    """The share of pairs where whatever came first was preferred, less that of whatever came second."""
    calls: int | None = None
    reused: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None
    """What was asked anew; None where the price or the tokens are not known."""
    fingerprint: str | None = None
    prompt_version: str | None = None
    job: str | None = None


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
    review: PeopleReview | None = None
    code: Code | None = None
