"""An approval: what is asked, of whom, on what evidence, and what was decided."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fmops.core.models import Ours

Text = Annotated[str, StringConstraints(max_length=4096)]


class Status(StrEnum):
    """Where an approval stands. All but `pending` are final."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Callback(StrEnum):
    """Whether the execution that waits was told. `gone`: nothing waits any more."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    GONE = "gone"


class Interval(Ours):
    """A number and the interval around it, both None where it could not be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Row(Ours):
    """One metric of the winner, and of what it was compared with."""

    metric: Text
    winner: Interval
    other: Interval | None = None
    difference: Interval | None = None
    """How much better the winner is: above 0 is better, for toxicity too."""
    items: int = Field(ge=0)
    higher_is_better: bool = True


class Evidence(Ours):
    """What approvers are shown. Kept as it was when they were asked, whatever happens to the report."""

    run_id: Text
    use_case: Text
    candidate: Text
    short_name: Text
    """What an approver types to approve."""
    model: Text
    dataset: Text
    verdict: Text
    reasons: list[Text]
    compared_with: Text | None = None
    confidence: float = 0.95
    """Of the intervals."""
    rows: list[Row]
    """The metric that weighs most comes first."""
    cost_usd: float | None = None
    report_uri: Text = ""


class Approver(Ours):
    """Somebody who is asked. `id` is opaque and stands in the link; `address` never leaves the ledger unmasked."""

    id: str
    address: str


class Approval(Ours):
    """The ledger's record of one approval: one for each run."""

    run_id: str
    use_case: str
    approval_id: str
    candidate: str
    status: Status
    model_package_arn: str
    digest: str
    approvers: list[Approver]
    expires_at: datetime
    evidence: Evidence
    execution_arn: str
    task_token: str = Field(repr=False)
    callback: Callback = Callback.WAITING
    mailed: tuple[str, ...] = ()
    """Ids of the approvers whose mail was handed to SNS."""
    decided_by: str | None = None
    """The opaque id of the approver; None where nobody decided in time."""
    decided_at: datetime | None = None
    reason: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def asked(self, approver_id: str) -> Approver | None:
        """The approver with this id, if they were asked."""
        return next((approver for approver in self.approvers if approver.id == approver_id), None)

    @property
    def decider(self) -> Approver | None:
        return self.asked(self.decided_by) if self.decided_by else None


class Choice(Ours):
    """What an approver decided."""

    decision: Literal["approved", "rejected"]
    reason: str


class Outcome(Ours):
    """What the evaluation journey learns. `expired` counts as a rejection."""

    decision: Literal["approved", "rejected", "expired"]
    run_id: str
    approval_id: str
    approver: str | None
    reason: str
