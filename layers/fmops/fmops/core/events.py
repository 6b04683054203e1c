"""The contracts of our own events, and the one who puts them on the stack's bus."""

from typing import Any, ClassVar, Literal

from fmops.core.errors import FmopsError
from fmops.core.models import Ours

SOURCE = "fmops"


class EventNotAccepted(FmopsError):
    """EventBridge took the call and refused the entry."""


class Event(Ours):
    """The detail of one of our events. The detail-type is the class's name."""

    run_id: str
    """The run (evaluation, release or window) that this belongs to; empty before there is one."""
    use_case: str
    """Empty where an event belongs to none yet."""

    kind: ClassVar[str] = ""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.kind = cls.__name__


class Problem(Ours):
    """One thing that is wrong with an input: what, where, and what to do."""

    file: str
    line: int | None = None
    problem: str
    advice: str


class DatasetRegistered(Event):
    dataset: str
    version: str
    task: str
    train_rows: int
    test_rows: int
    manifest_uri: str
    retraining_of: str = ""
    """The use case whose drifted traffic it holds labelled prompts of."""


class DatasetRejected(Event):
    dataset: str
    version: str
    bucket: str
    key: str
    owner: str
    problems: list[Problem]
    """The first few; `problem_count` says how many there are."""
    problem_count: int


class ModelDiscovered(Event):
    hub: str
    """`bedrock` for a model of Bedrock."""
    model_id: str
    version: str
    task: str
    evaluated_by: list[str] | None = None
    """The use cases that evaluate it. None: whichever wants it by id and task."""


class NoticedModel(Ours):
    """A new model in a digest; what is not known is None."""

    source: str
    model_id: str
    version: str
    provider: str | None = None
    licence: str | None = None
    billion_parameters: float | None = None
    fine_tunable: bool | None = None
    why: str
    """Why it is not evaluated."""


class ModelsNoticed(Event):
    """New models that a use case is interested in, and that start no run."""

    hub: str
    count: int
    models: list[NoticedModel]
    """The first hundred."""
    evaluated: list[str]
    """Those that do start one."""


WithdrawnStatus = Literal["deprecated", "restricted", "removed"]


class ModelWithdrawn(Event):
    """A model that a use case names, or evaluated when it was new, should not be used any more."""

    hub: str
    model_id: str
    version: str
    status: WithdrawnStatus
    until: str = ""
    """The last day on which it answers, where its publisher says so."""


class LabelsWanted(Ours):
    """Prompts of drifted traffic that people are asked to label."""

    request_id: str
    windows: int
    """In how many the drift was seen."""
    prompts: int
    prompts_uri: str
    return_uri: str
    """Where the rows are dropped when they have labels."""
    starts: bool
    """Whether that starts a run; else a person does."""


class RetrainingRequested(Event):
    reason: str
    labels: LabelsWanted | None = None
    """What has to be labelled first; None where the newest dataset will do."""


class NothingStarted(Event):
    """An event arrived that belongs to no use case, or that no run can be made of."""

    cause: str
    """What arrived, for people: `dataset trivia 3`."""
    reason: str


class EvaluationCompleted(Event):
    verdict: Literal["PROMOTE", "REJECT", "INCONCLUSIVE"]
    winner: str | None
    reasons: list[str]


class ApprovalRequested(Event):
    approval_id: str
    approvers: list[str]
    expires_at: str


class ApprovalDecided(Event):
    approval_id: str
    decision: Literal["approved", "rejected", "expired", "superseded"]
    approver: str | None
    reason: str
    model_package_arn: str
    digest: str


class ModelReleased(Event):
    release_id: str
    endpoint: str
    model_package_arn: str
    digest: str


class ReleaseRolledBack(Event):
    release_id: str
    endpoint: str
    model_package_arn: str
    reason: str


class EndpointStuck(Event):
    """An endpoint did not get where it should within its time."""

    release_id: str
    endpoint: str
    seconds: int


class MonitoringCompleted(Event):
    window: str
    records: int
    verdict: Literal["OK", "WARNING", "ALARM", "INSUFFICIENT_DATA"]
    holds: list[Literal["drift", "toxicity", "latency", "feedback", "quality"]] = []
    """What is above its limit; the rest is not, where the window could be judged."""
    unknown: list[Literal["drift", "toxicity", "latency", "feedback", "quality"]] = []
    """What is neither: nothing can be said of it."""
    reasons: list[str] = []


class BaselineAccepted(Event):
    """A person said that the traffic of these windows is normal: what follows is compared with it."""

    accepted_id: str
    release_id: str
    windows: list[str]
    records: int
    by: str
    reason: str


class DriftDetected(Event):
    window: str
    endpoint: str
    """Empty where a route names the model."""
    model_id: str = ""
    """Of Bedrock, where a route names it."""
    severity: Literal["WARNING", "ALARM"]
    features: list[str]
    """What moved, the most important first."""
    findings: list[str]
    """Of each of them its size, interval and limit, in words."""
    records: int


class ToxicityDetected(Event):
    window: str
    endpoint: str
    """Empty where a route names the model."""
    model_id: str = ""
    """Of Bedrock, where a route names it."""
    severity: Literal["WARNING", "ALARM"]
    share: float
    low: float
    high: float
    summary: str


class BiasDetected(Event):
    """Answers to the same prompts are surely more toxic where they are about some groups of people."""

    window: str
    endpoint: str
    groups: list[str]
    findings: list[str]


class TenantBudgetReached(Event):
    """A tenant's part of what serves has come near its budget of the month, or above it."""

    tenant: str
    month: str
    spent_usd: float
    budget_usd: float
    severity: Literal["WARNING", "ALARM"]


class AlertRaised(Event):
    alert_id: str
    severity: Literal["INFO", "WARNING", "ALARM"]
    reason: str
    subject: str
    notice: Literal["opened", "worse", "repeated", "escalated", "recovered"]


class Emitter:
    """Puts events on the stack's bus."""

    def __init__(self, events: Any, bus: str) -> None:
        """`events` is a boto3 client of EventBridge."""
        self._events, self._bus = events, bus

    def emit(self, event: Event) -> str:
        """Put one event; its id. EventNotAccepted where EventBridge refuses the entry."""
        return self.emit_raw(event.kind, event.model_dump_json())

    def emit_raw(self, detail_type: str, detail: str) -> str:
        """Put an event that was written down earlier as JSON."""
        answer = self._events.put_events(
            Entries=[{"Source": SOURCE, "DetailType": detail_type, "Detail": detail, "EventBusName": self._bus}]
        )
        entry = answer["Entries"][0]
        if answer["FailedEntryCount"]:
            raise EventNotAccepted(f"{detail_type}: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
        return str(entry["EventId"])
