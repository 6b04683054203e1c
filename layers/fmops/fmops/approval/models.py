"""An approval: what is asked, of whom, on what evidence, and what was decided."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fmops.core.models import Ours
from fmops.signin.models import Principal

Text = Annotated[str, StringConstraints(max_length=4096)]


MAILBOX = "mailbox"


class Status(StrEnum):
    """Where an approval stands. All but `pending` are final."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """A newer run of the use case asks instead."""


class Occasion(StrEnum):
    """Why approvers get a mail."""

    ASK = "ask"
    REMIND = "remind"
    """Half of the time is over."""
    ESCALATE = "escalate"
    """Three quarters of the time are over: a second list is asked as well."""


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
    of_limit: bool = False
    """Whether the difference is a share of the metric's limit, as with latency and cost."""


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
    may_approve: bool = True
    """False for whoever submitted the run, where the use case wants four eyes: they may reject."""


class Vote(Ours):
    """What one approver decided, once."""

    approver: str
    decision: Literal["approved", "rejected"]
    reason: str
    at: datetime
    nonce: str
    """Of the link that was used up."""
    identity: str = MAILBOX
    principal: Principal | None = None
    """Who signed in; None without a sign-in."""
    """How we know who it was. Whoever reads the mailbox can decide: without a sign-in nothing more is known."""


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
    needed: int = Field(default=1, ge=1)
    """How many of the approvers must approve; one rejection rejects."""
    votes: list[Vote] = Field(default_factory=list)
    """In the order in which they came."""
    revision: int = 0
    """Counts the votes' writes: each rests on the votes that were there before it."""
    expires_at: datetime
    evidence: Evidence
    execution_arn: str
    task_token: str = Field(repr=False)
    callback: Callback = Callback.WAITING
    mailed: tuple[str, ...] = ()
    """`occasion:approver id` of each mail that went out."""
    supersedes: str | None = None
    """The run whose request this one replaced."""
    decided_by: str | None = None
    """The opaque id of the approver whose vote decided; None where nobody's did."""
    decided_at: datetime | None = None
    reason: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def asked(self, approver_id: str) -> Approver | None:
        """The approver with this id, if they were asked."""
        return next((approver for approver in self.approvers if approver.id == approver_id), None)

    def vote_of(self, approver_id: str) -> Vote | None:
        """What this approver decided, if they did."""
        return next((vote for vote in self.votes if vote.approver == approver_id), None)

    @property
    def approvals(self) -> int:
        """How many have approved so far."""
        return sum(vote.decision == "approved" for vote in self.votes)

    @property
    def decider(self) -> Approver | None:
        return self.asked(self.decided_by) if self.decided_by else None


class Choice(Ours):
    """What an approver decided."""

    decision: Literal["approved", "rejected"]
    reason: str


class Outcome(Ours):
    """What the evaluation journey learns. `expired` and `superseded` count as rejections."""

    decision: Literal["approved", "rejected", "expired", "superseded"]
    run_id: str
    approval_id: str
    approver: str | None
    reason: str
