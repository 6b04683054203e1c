"""The use-case document: all that the system needs to know of a team's task."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from fmops.core.models import Ours
from fmops.usecases.alerting import Alerting
from fmops.usecases.approvals import ApprovalRules
from fmops.usecases.approvals import Email as Email
from fmops.usecases.candidates import Candidate, InstanceType, OtherTypes
from fmops.usecases.candidates import Slug as Slug
from fmops.usecases.conditions import Constraints, Leakage
from fmops.usecases.interest import Discovery as Discovery
from fmops.usecases.judging import Judge
from fmops.usecases.metrics import HUMAN, METRICS, Algorithm, algorithms
from fmops.usecases.metrics import Task as Task
from fmops.usecases.releasing import EndpointTarget as EndpointTarget
from fmops.usecases.releasing import ReleaseTarget
from fmops.usecases.review import Review
from fmops.usecases.scoring import Scoring
from fmops.usecases.watching import QUICK
from fmops.usecases.watching import Monitoring as Monitoring


class MetricRule(Ours):
    """What a metric is worth, and what it must not fall short of."""

    name: str
    weight: float = Field(default=0.0, ge=0)
    """Its share in the ranking; 0 only guards."""
    limit: float | None = None
    """The worst value that may be promoted: a least one for scores, a largest one for toxicity."""
    margin: float = Field(default=0.02, ge=0, le=1)
    """How much worse than the champion is still as good (non-inferiority); of latency and cost a share of the limit."""

    @field_validator("name")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in METRICS:
            raise ValueError(f"{name!r} is no metric; there are: {', '.join(METRICS)}")
        return name

    @model_validator(mode="after")
    def _has_a_scale(self) -> Self:
        # A latency or a price has no best and worst of its own: it is worth 1 at nothing, and 0 at its limit.
        if METRICS[self.name].measured and (self.limit is None or self.limit <= 0):
            raise ValueError(f"{self.name} needs a limit above 0: what is worth nothing any more")
        return self


class Evaluation(Ours):
    """How the candidates are evaluated."""

    instance_type: InstanceType = "ml.m5.xlarge"
    other_instance_types: OtherTypes = []
    max_runtime_seconds: int = Field(default=3600, ge=60, le=432_000)
    max_rows: int | None = Field(default=None, ge=1)
    """The first rows of the test split; all of them where this is left out."""
    min_rows: int = Field(default=30, ge=1)
    """With fewer scores than this nothing is promoted."""
    concurrency: int = Field(default=32, ge=1, le=256)
    """The most prompts that may be under way at once; how many are is found out as a candidate answers."""
    champion: Literal["hosted", "production"] = "hosted"
    """Whether the champion is hosted anew for the evaluation, or asked where it serves: that costs nothing, and its
    users feel it."""
    parallel_candidates: int = Field(default=2, ge=1, le=40)
    scoring: Scoring = Field(default_factory=Scoring)
    judge: Judge | None = None
    """A model that judges answers; none where this is left out."""


class Budget(Ours):
    """Upper bounds in US dollars, at worst case (price by the hour × the time limit)."""

    run_usd: float = Field(gt=0)
    month_usd: float = Field(gt=0)


class UseCase(Ours):
    """One team's task: its data, candidates, rules, approvers, budget, release and watch."""

    name: Slug
    owner: Email
    task: Task
    datasets: list[str] = Field(min_length=1)
    """Patterns with `*` and `?` on a dataset's name."""
    candidates: list[Candidate] = Field(min_length=1, max_length=40)
    discovery: Discovery = Field(default_factory=Discovery)
    constraints: Constraints = Field(default_factory=Constraints)
    leakage: Leakage = Field(default_factory=Leakage)
    evaluation: Evaluation = Field(default_factory=Evaluation)
    review: Review | None = None
    """Left out, no people are asked to compare answers."""
    metrics: list[MetricRule] = Field(min_length=1)
    approvers: list[Email] = Field(min_length=1, max_length=20)
    approval_days: int = Field(default=7, ge=1, le=90)
    approval: ApprovalRules = Field(default_factory=ApprovalRules)
    budget: Budget
    release: ReleaseTarget
    monitoring: Monitoring = Field(default_factory=Monitoring)
    alerting: Alerting = Field(default_factory=Alerting)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for what, names in (
            ("candidate", [candidate.id for candidate in self.candidates]),
            ("metric", [rule.name for rule in self.metrics]),
            ("approver", [address.lower() for address in (*self.approvers, *self.approval.escalate_to)]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is named twice")
        self.approval.check(self.approvers, self.owner)
        if not any(rule.weight for rule in self.metrics):
            raise ValueError("at least one metric needs a weight above 0, or nothing can be ranked")
        if not self.algorithms:
            raise ValueError(
                "at least one metric must say how good the answers are: latency and cost alone do not, and a judge "
                "may turn out to be of no use"
            )
        self._check_judge()
        self._check_review()
        if self.monitoring.truth and not any(rule.name in QUICK for rule in self.metrics):
            raise ValueError(
                f"monitoring.truth: answers are scored by these metrics, and `metrics` names none: {', '.join(QUICK)}"
            )
        return self

    def _check_judge(self) -> None:
        evaluation, judge = self.evaluation, self.evaluation.judge
        for rule in self.metrics:
            method = METRICS[rule.name].judge
            if method is None:
                continue
            if judge is None:
                raise ValueError(f"{rule.name} is a judge's, and evaluation.judge names none")
            if judge.method != method:
                raise ValueError(f"{rule.name} needs a judge whose method is {method}, and it is {judge.method}")
            if judge.sample is not None and judge.sample < evaluation.min_rows:
                raise ValueError(
                    f"{rule.name}: the judge's sample of {judge.sample} rows is smaller than evaluation.min_rows "
                    f"({evaluation.min_rows}): nothing could ever be promoted"
                )

    def _check_review(self) -> None:
        rule = next((rule for rule in self.metrics if rule.name == HUMAN), None)
        if self.review is None:
            if rule:
                raise ValueError(f"{HUMAN} is people's verdict: `review` must say who is asked")
            return
        if rule and rule.weight and self.review.against != "champion":
            raise ValueError(f"a weight of {HUMAN} ranks against the champion: `review.against` must be `champion`")
        strangers = [name for name in self.review.candidates if self.candidate(name) is None]
        if strangers:
            raise ValueError(f"review.candidates names {strangers[0]!r}, which is no candidate")

    @property
    def algorithms(self) -> list[Algorithm]:
        """The FMEval algorithms that give this use case's metrics."""
        return algorithms((rule.name for rule in self.metrics), self.task)

    def candidate(self, candidate_id: str) -> Candidate | None:
        return next((candidate for candidate in self.candidates if candidate.id == candidate_id), None)
