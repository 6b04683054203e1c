"""Approvals in the ledger. A decision is one conditional write; what follows from it can be done again."""

from datetime import datetime
from typing import Any

from fmops.approval.models import Approval, Callback, Choice, Status
from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, NotFound, StaleTransition
from fmops.core.events import ApprovalDecided, ApprovalRequested
from fmops.core.ledger import Key, Ledger

KIND = "approval"
DECISION_KIND = "decision"


def key(run_id: str) -> Key:
    return Key(f"RUN#{run_id}", "APPROVAL")


def decision_key(approval: Approval) -> Key:
    return Key(f"RUN#{approval.run_id}", f"DECISION#{approval.decided_by or 'nobody'}")


def load(ledger: Ledger, run_id: str) -> Approval:
    """NotFound where nobody was asked about this run."""
    return Approval.model_validate(ledger.require(key(run_id)))


def find(ledger: Ledger, approval_id: str) -> Approval | None:
    """The approval of this id: there is one for each run, so its id is the run's."""
    record = ledger.get(key(approval_id))
    return Approval.model_validate(record) if record else None


def open_once(ledger: Ledger, approval: Approval, now: datetime) -> Approval:
    """Write the request, or bind the newest waiting task to the one that is there.

    Returns the record as it is now, which may be decided already. AlreadyExists where the run's approval is for
    another artifact: what was asked must not change under those who were asked.
    """
    asked = ApprovalRequested(
        run_id=approval.run_id,
        use_case=approval.use_case,
        approval_id=approval.approval_id,
        approvers=[approver.id for approver in approval.approvers],
        expires_at=iso(approval.expires_at),
    )
    try:
        ledger.put_once(key(approval.run_id), _record(approval), kind=KIND, now=now, emit=asked)
        return load(ledger, approval.run_id)
    except AlreadyExists as error:
        found = load(ledger, approval.run_id)
        if (found.model_package_arn, found.digest) != (approval.model_package_arn, approval.digest):
            raise AlreadyExists(f"run {approval.run_id} has asked for the approval of another artifact") from error
    return _rebind(ledger, approval, now)


def _rebind(ledger: Ledger, approval: Approval, now: datetime) -> Approval:
    """A retried or redriven state waits with a new token; the old one is dead."""
    binding = {"task_token": approval.task_token, "execution_arn": approval.execution_arn}
    place = key(approval.run_id)
    try:
        return Approval.model_validate(ledger.transition(place, [Status.PENDING], Status.PENDING, binding, now=now))
    except StaleTransition:
        return Approval.model_validate(ledger.change(place, {**binding, "callback": Callback.DUE}, now=now))


def mark_mailed(ledger: Ledger, approval: Approval, approver: str, now: datetime) -> Approval:
    """Remember that an approver's mail is out, so that a retry does not send it again."""
    mailed = {"mailed": [*approval.mailed, approver]}
    return Approval.model_validate(ledger.change(key(approval.run_id), mailed, now=now))


def decide(ledger: Ledger, approval: Approval, approver: str, choice: Choice, now: datetime) -> Approval:
    """Decide a pending approval, once. StaleTransition where somebody was first."""
    return _settle(ledger, approval, Status(choice.decision), approver, choice.reason, Callback.DUE, now)


def expire(ledger: Ledger, approval: Approval, now: datetime) -> Approval:
    """Close a pending approval that nobody decided. StaleTransition where somebody did after all."""
    reason = "nobody decided in time"
    return _settle(ledger, approval, Status.EXPIRED, None, reason, Callback.GONE, now)


def _settle(
    ledger: Ledger,
    approval: Approval,
    status: Status,
    approver: str | None,
    reason: str,
    callback: Callback,
    now: datetime,
) -> Approval:
    changes = {"decided_by": approver, "decided_at": iso(now), "reason": reason, "callback": callback}
    record = ledger.transition(
        key(approval.run_id),
        [Status.PENDING],
        status,
        changes,
        now=now,
        emit=decided(approval, status, approver, reason),
    )
    settled = Approval.model_validate(record)
    write_decision(ledger, settled, now)
    return settled


def decided(approval: Approval, status: Status, approver: str | None, reason: str) -> ApprovalDecided:
    return ApprovalDecided.model_validate(
        {
            "run_id": approval.run_id,
            "use_case": approval.use_case,
            "approval_id": approval.approval_id,
            "decision": status.value,
            "approver": approver,
            "reason": reason,
            "model_package_arn": approval.model_package_arn,
            "digest": approval.digest,
        }
    )


def write_decision(ledger: Ledger, approval: Approval, now: datetime) -> None:
    """The decision as a record of its own, for the audit. Derived from the approval, so writing it again is no harm."""
    record = {
        "run_id": approval.run_id,
        "use_case": approval.use_case,
        "approval_id": approval.approval_id,
        "decision": approval.status,
        "approver": approval.decided_by,
        "address": approval.decider.address if approval.decider else None,
        # Whoever reads the mailbox can decide: without a sign-in nothing more is known of who it was.
        "identity": "mailbox" if approval.decider else None,
        "decided_at": iso(approval.decided_at) if approval.decided_at else None,
        "reason": approval.reason,
        "model_package_arn": approval.model_package_arn,
        "digest": approval.digest,
    }
    try:
        ledger.put_once(decision_key(approval), record, kind=DECISION_KIND, now=now)
    except AlreadyExists:
        return


def mark_told(ledger: Ledger, approval: Approval, callback: Callback, now: datetime) -> None:
    """Remember what became of telling the execution, unless a newer task waits by now."""
    try:
        newest = load(ledger, approval.run_id)
    except NotFound:
        return
    if newest.task_token == approval.task_token:
        ledger.change(key(approval.run_id), {"callback": callback}, now=now)


def due(ledger: Ledger, newest: int = 200) -> list[Approval]:
    """Decided approvals whose execution was not told yet."""
    found = (Approval.model_validate(record) for record in ledger.of_kind(KIND, newest=newest))
    return [approval for approval in found if approval.callback is Callback.DUE]


def _record(approval: Approval) -> dict[str, Any]:
    return approval.model_dump(mode="json", exclude={"created_at", "updated_at"})
