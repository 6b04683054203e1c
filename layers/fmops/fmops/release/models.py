"""A release: what is to serve, where, and how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from fmops.core.ids import is_route
from fmops.core.models import Ours, Theirs


class Status(StrEnum):
    """Where a release stands."""

    CLAIMED = "claimed"
    PREPARED = "prepared"
    DEPLOYING = "deploying"
    VERIFIED = "verified"
    RELEASED = "released"
    ROLLED_BACK = "rolled_back"


# Every change of a release's status is one of these. A retried or redriven state may find its own work done.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PREPARED: frozenset({Status.CLAIMED, Status.PREPARED}),
    Status.DEPLOYING: frozenset({Status.PREPARED, Status.DEPLOYING}),
    Status.VERIFIED: frozenset({Status.DEPLOYING, Status.VERIFIED}),
    Status.RELEASED: frozenset({Status.VERIFIED}),
    # A step back that a person wants and SageMaker takes back ends so, too.
    Status.ROLLED_BACK: frozenset({Status.CLAIMED, Status.PREPARED, Status.DEPLOYING, Status.VERIFIED}),
}


class Package(Theirs):
    """A model package, as DescribeModelPackage tells it."""

    arn: str
    approval_status: str
    container: dict[str, Any]
    """`Image`, `Environment` and `ModelDataSource` of its one container; empty where it has another number."""
    facts: dict[str, str]
    """Its CustomerMetadataProperties."""


class Compared(Ours):
    """A metric of the golden prompts beside what the evaluation gave to the same rows."""

    metric: str
    rows: int = Field(ge=0)
    now: float | None = None
    then: float | None = None
    difference: float | None = None
    """Above 0 is better, whichever way the metric counts."""
    low: float | None = None
    high: float | None = None
    """The 98 % interval of the difference; None where there are too few rows to give one."""

    @property
    def worse(self) -> bool:
        """Whether it is surely worse."""
        return self.high is not None and self.high < 0


class Verification(Ours):
    """How the golden prompts were answered."""

    asked: int = Field(ge=0)
    answered: int = Field(ge=0)
    """Answers that are not empty."""
    compared: list[Compared]


class Release(Ours):
    """The ledger's record of a release."""

    release_id: str
    run_id: str
    use_case: str
    candidate: str
    status: Status
    model_package_arn: str
    digest: str
    execution_arn: str
    owner: str
    started_at: str
    ended_at: str | None = None
    reason: str = ""
    endpoint: str = ""
    endpoint_config: str = ""
    """Its model has the same name."""
    capture_uri: str = ""
    """Below it lie the captured records, by year, month, day and hour."""
    previous_config: str | None = None
    """What the endpoint served before; None where there was no endpoint."""
    trial: Verification | None = None
    """On an endpoint of its own, before any traffic."""
    verification: Verification | None = None
    """With all traffic on it, while what served before is still there."""
    shifting: str = ""
    """How traffic goes to it, and why so."""
    tripped: list[str] = Field(default_factory=list)
    """Which alarms took it back, with their numbers."""
    route: dict[str, Any] | None = None
    """For a route: what its parameter is to hold. `endpoint` is the parameter's name then."""
    previous_route: dict[str, Any] | None = None
    """What it held before; None where there was none."""
    rollback_of: str | None = None
    """The release that a person took back by this one."""
    wanted_by: str = ""
    """Who asked for that."""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def ids(self) -> dict[str, str]:
        """By which a log's line names it: its own id, and that of the run, which all that came of the run carries."""
        return {"release_id": self.release_id, "run_id": self.run_id}

    @property
    def by_route(self) -> bool:
        """Whether a route names it, and no endpoint of ours serves it."""
        return is_route(self.model_package_arn)


class Served(Ours):
    """What once served: enough to go back to it, or to remove it."""

    endpoint_config: str
    release_id: str


class Champion(Ours):
    """What serves a use case today."""

    run_id: str
    use_case: str
    candidate: str
    model_package_arn: str
    digest: str
    endpoint: str
    endpoint_config: str
    model_id: str = ""
    """Of a route: the model of Bedrock that it names."""
    release_id: str
    released_at: str
    capture_uri: str
    answers_uri: str
    scores_uri: str
    previous: Served | None = None
    """What served before: kept, so that one step back is possible."""
    created_at: datetime | None = None
