"""What a comparison finds: numbers with intervals, a verdict, and why."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from fmops.core.models import Ours
from fmops.selection.details import Details, JudgeResult
from fmops.usecases.metrics import Dimension


class Verdict(StrEnum):
    """`PROMOTE`: surely good enough, and better. `REJECT`: surely not. `INCONCLUSIVE`: cannot tell."""

    PROMOTE = "PROMOTE"
    REJECT = "REJECT"
    INCONCLUSIVE = "INCONCLUSIVE"


class Check(StrEnum):
    """How one condition of the gate stands."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


class MetricResult(Ours):
    """A candidate's mean of one metric with its interval; None where nothing was scored.

    Of latency it is the 95th percentile. A bound that so few rows do not show is None too.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int = Field(ge=0)
    missing: int = Field(ge=0)
    """Rows that got no score."""
    method: str | None = None
    """The interval's name."""


class Difference(Ours):
    """How much better a candidate is than another on the same rows; above 0 is better, for toxicity too."""

    value: float | None
    low: float | None
    high: float | None
    n: int = Field(ge=0)
    confidence: float = 0.95
    """Of the interval alone. It is above the report's where several candidates could have been the leader, so that
    what it says holds however many were tried."""
    detectable: float | None = None
    """The smallest true difference that these rows would have shown with a power of 80 %."""
    method: str | None = None


class CandidateResult(Ours):
    """One candidate's numbers, and its place in the ranking by the use case's weights."""

    id: str
    kind: Literal["base", "fine_tuned"]
    model_id: str
    model_version: str
    is_champion: bool
    metrics: dict[str, MetricResult]
    utility: float | None
    """The weighted mean of the metrics between 0 and 1, above is better; None where a weighted metric is missing."""
    rank: int | None
    failures: int = Field(ge=0)
    """Rows that got no answer."""
    comes_first: float | None = None
    """In what share of resamples of the rows this candidate has the highest utility."""
    dimensions: dict[Dimension, float | None] = Field(default_factory=dict)
    """Between 0 and 1, above is better; None is unknown."""
    on_front: bool | None = None
    """No other candidate is known to be as good in every dimension and better in one (Pareto)."""
    breaks: list[str] = Field(default_factory=list)
    """The metrics whose limit it surely does not keep."""


class GateCheck(Ours):
    """One condition that the leader must meet."""

    what: Literal["completeness", "limit", "guard", "improvement", "yardstick", "judge"]
    metric: str | None
    """None for the weighted whole."""
    check: Check
    reason: str
    """A sentence for people."""
    difference: Difference | None = None


class Against(StrEnum):
    """What the leader is compared with."""

    CHAMPION = "champion"
    BASE = "base"
    NOTHING = "nothing"


class Decision(Ours):
    """The gate's answer."""

    verdict: Verdict
    sentence: str
    reasons: list[str]
    leader: str | None
    """The candidate that was judged."""
    winner: str | None
    """The leader, if it is promoted."""
    against: Against
    compared_with: str | None
    checks: list[GateCheck]


class MetricRuleUsed(Ours):
    """A rule of the use case as it was applied."""

    weight: float
    limit: float | None
    margin: float
    higher_is_better: bool
    dimension: Dimension = "quality"


class Lineage(Ours):
    """What the numbers were made from."""

    dataset: str
    dataset_version: str
    dataset_digest: str
    test_rows: int
    train_rows: int
    fingerprints: dict[str, dict[str, str]]
    """By candidate, as the evaluation job wrote them."""
    scorers: dict[str, str]
    """What gave the numbers, by algorithm."""
    jobs: dict[str, list[str]]
    """By candidate."""


class Report(Ours):
    """`report.json`: all that an approver, a release and an auditor need to know of a comparison."""

    run_id: str
    use_case: str
    created_at: str
    confidence: float
    decision: Decision
    rules: dict[str, MetricRuleUsed]
    candidates: list[CandidateResult]
    """Best first."""
    differences: dict[str, Difference]
    """By metric: the leader against what it is compared with."""
    utility_difference: Difference | None
    lineage: Lineage
    groups: int | None = None
    """How many groups the rows come from; None where each row stands for itself."""
    challengers: int | None = None
    """How many candidates could have been the leader: what its intervals pay for."""
    judge: JudgeResult | None = None
    """What a judge of the answers said, and how good it is; None where the run has none."""
    details: Details | None = None
    """What the page shows beside the numbers."""
