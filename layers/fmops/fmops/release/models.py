"""A release: what is to serve, where, and how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

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


class Verification(Ours):
    """How the golden prompts were answered."""

    asked: int = Field(ge=0)
    answered: int = Field(ge=0)
    """Answers that are not empty."""
    compared: int = Field(ge=0)
    """Of how many the evaluation's answer must come again: all with greedy decoding, none with sampling."""
    matched: int = Field(ge=0)

    @property
    def share(self) -> float | None:
        """The share of answers that are as in the evaluation; None where none can be compared."""
        return self.matched / self.compared if self.compared else None


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
    verification: Verification | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


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
    release_id: str
    released_at: str
    capture_uri: str
    answers_uri: str
    scores_uri: str
    previous: Served | None = None
    """What served before: kept, so that one step back is possible."""
    created_at: datetime | None = None


class Golden(Ours):
    """A prompt of the evaluation and what the candidate answered then."""

    id: str
    prompt: str
    answer: str
