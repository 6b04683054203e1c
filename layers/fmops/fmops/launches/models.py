"""What is launched, and what the ledger remembers of it."""

from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from fmops.core.models import Ours, Theirs
from fmops.launches.costs import Cost, Journey


class JobKind(StrEnum):
    """What SageMaker runs for us."""

    TRAINING = "training"
    PROCESSING = "processing"
    ENDPOINT = "endpoint"


class Status(StrEnum):
    """Where a launch stands."""

    LAUNCHING = "launching"
    """Written down; the create call may or may not have happened."""
    RUNNING = "running"
    REFUSED = "refused"
    """AWS took the request for good to be wrong."""
    ENDED = "ended"
    """The job is over, or the endpoint in service or failed; the execution was not told yet."""
    ANSWERED = "answered"
    """The execution was told, or waits no longer."""
    RELEASED = "released"
    """Stopped or deleted: nothing of it costs anything any more."""


class Awaits(StrEnum):
    """When the one who waits for an endpoint goes on."""

    END = "end"
    """When it is in service, or has failed."""
    ALL_TRAFFIC = "all_traffic"
    """As soon as all traffic is on the new fleet of an update, with the old one still there."""


# Every change of a launch's status is one of these.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.RUNNING: frozenset({Status.LAUNCHING, Status.RUNNING}),
    Status.LAUNCHING: frozenset({Status.LAUNCHING, Status.REFUSED, Status.RELEASED}),
    Status.REFUSED: frozenset({Status.LAUNCHING}),
    Status.ENDED: frozenset({Status.LAUNCHING, Status.RUNNING, Status.ENDED, Status.ANSWERED}),
    Status.ANSWERED: frozenset({Status.ENDED}),
    Status.RELEASED: frozenset(Status),
}

# The lists of the ledger: what the reconciler still has to look at, and the rest.
OPEN_KIND = "open_job"
CLOSED_KIND = "job"


class Create(Ours):
    """One call that makes something in SageMaker, by the client's method name."""

    operation: Literal[
        "create_training_job", "create_processing_job", "create_model", "create_endpoint_config", "create_endpoint"
    ]
    request: dict[str, Any]
    """Without tags: those are the launcher's."""


class Launch(Ours):
    """What to launch, who waits for it, and what it may cost."""

    name: str = Field(pattern=r"^[a-z0-9](-*[a-z0-9]){0,62}$")
    kind: JobKind
    run_id: str
    use_case: str
    candidate: str = ""
    execution_arn: str
    task_token: str = Field(repr=False)
    creates: tuple[Create, ...] = Field(min_length=1)
    """In order; the last one makes what is waited for."""
    outputs: dict[str, str] = Field(default_factory=dict)
    """Handed to the execution when the job is complete."""
    journey: Journey = Journey.EVALUATION
    cost: Cost
    temporary: bool = True
    """Whether it must not outlive its execution. False for an endpoint that serves production."""

    @model_validator(mode="after")
    def _ends_with_its_kind(self) -> Self:
        if self.creates[-1].operation.removeprefix("create_").removesuffix("_job") != self.kind.value:
            raise ValueError(f"a launch of kind {self.kind} can't end with {self.creates[-1].operation}")
        return self


class Outcome(Ours):
    """How it ended, in the form that the execution gets."""

    ok: bool
    aws_status: str
    error: str = ""
    """The name of one of our errors."""
    cause: str = ""
    """A sentence for people."""
    model_data_uri: str | None = None
    """Where a training job left its model."""


class Job(Theirs):
    """The ledger's record of a launch: `JOB#<name>`/`JOB`."""

    name: str
    kind: JobKind
    run_id: str
    use_case: str
    candidate: str
    status: Status
    specification: str
    task_token: str = Field(repr=False)
    execution_arn: str
    outputs: dict[str, str] = Field(default_factory=dict)
    cost: Cost | None = None
    """None for what is changed and not launched."""
    temporary: bool = True
    awaits: Awaits = Awaits.END
    resources: dict[str, str] = Field(default_factory=dict)
    """What was made for it beside itself: `{"create_model": name, ...}`."""
    outcome: Outcome | None = None
    created_at: str = ""
    launched_at: str = ""
    """When it was made last: an endpoint that was deleted may be launched anew."""
    updated_at: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody may still wait for it, or pay for it."""
        if self.status in (Status.LAUNCHING, Status.RUNNING, Status.ENDED):
            return True
        return self.status is Status.ANSWERED and self.kind is JobKind.ENDPOINT and self.temporary


class State(Ours):
    """What SageMaker says of a job or an endpoint."""

    aws_status: str
    final: bool
    ok: bool = False
    reason: str = ""
    crashed: bool = False
    """Whether the container left no word of its own."""
    all_traffic: bool = False
    """Whether the new fleet of an update has all traffic, and bakes."""
    model_data_uri: str | None = None
    short_of_capacity: bool = False
    """Whether AWS had no instance for it."""
    billed_seconds: float | None = None
    """What is paid for; None where AWS does not say."""
