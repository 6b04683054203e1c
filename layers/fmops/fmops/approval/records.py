"""Approvals in the ledger. A decision is one conditional write; what follows from it can be done again."""

from datetime import datetime
from typing import Any

from fmops.approval.models import Approval, Approver, Callback, Status, Vote
from fmops.approval.rules import tally
from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, NotFound, StaleTransition
from fmops.core.events import ApprovalDecided, ApprovalRequested
from fmops.core.ledger import Key, Ledger

KIND = "approval"
OPEN_KIND = "approval_open"
"""Nobody has decided yet: a short list, for whoever looks what waits."""
DUE_KIND = "approval_due"
"""Decided, and the execution that waits does not know it yet: a short list, for the reconciler."""
DECISION_KIND = "decision"
NOBODY_DECIDED = "nobody decided in time"


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
        ledger.put_once(key(approval.run_id), _record(approval), kind=OPEN_KIND, now=now, emit=asked)
        return load(ledger, approval.run_id)
    except AlreadyExists as error:
        found = load(ledger, approval.run_id)
        if (found.model_package_arn, found.digest) != (approval.model_package_arn, approval.digest):
            raise AlreadyExists(f"run {approval.run_id} has asked for the approval of another artifact") from error
    return rebind(ledger, approval.run_id, approval.task_token, approval.execution_arn, now)


def rebind(ledger: Ledger, run_id: str, task_token: str, execution_arn: str, now: datetime) -> Approval:
    """Bind the task that waits now: a retried, redriven or later state has a new token, and the old one is dead.

    Returns the record as it is then; a decided one is to be told to the new task. NotFound where nobody was asked.
    """
    binding = {"task_token": task_token, "execution_arn": execution_arn}
    place = key(run_id)
    try:
        return Approval.model_validate(ledger.transition(place, [Status.PENDING], Status.PENDING, binding, now=now))
    except StaleTransition:
        return _called(ledger, load(ledger, run_id), {**binding, "callback": Callback.DUE}, DUE_KIND, now)


def mark_mailed(ledger: Ledger, approval: Approval, mark: str, now: datetime) -> Approval:
    """Remember that a mail is out, so that a retry does not send it again."""
    mailed = {"mailed": [*approval.mailed, mark]}
    return Approval.model_validate(ledger.change(key(approval.run_id), mailed, now=now))


def replaces(ledger: Ledger, approval: Approval, run_id: str, now: datetime) -> Approval:
    """Remember whose request this one took the place of: the mails and the page say so."""
    return Approval.model_validate(ledger.change(key(approval.run_id), {"supersedes": run_id}, now=now))


def add_approvers(ledger: Ledger, approval: Approval, more: list[Approver], now: datetime) -> Approval:
    """Ask further people too; those who are asked already stay as they are."""
    fresh = [person for person in more if approval.asked(person.id) is None]
    if not fresh:
        return approval
    people = [person.model_dump(mode="json") for person in (*approval.approvers, *fresh)]
    return Approval.model_validate(ledger.change(key(approval.run_id), {"approvers": people}, now=now))


def vote(ledger: Ledger, approval: Approval, given: Vote, now: datetime) -> Approval:
    """Count an approver's vote, once, and settle the approval where it decides: one conditional write.

    StaleTransition where the approval is closed, or this approver has voted already.
    """
    # Somebody else's vote may come between reading and writing, at most once for each of them.
    for _ in range(len(approval.approvers) + 1):
        if approval.vote_of(given.approver):
            break
        try:
            return _count(ledger, approval, given, now)
        except StaleTransition:
            approval = load(ledger, approval.run_id)
            if approval.status is not Status.PENDING:
                raise
    raise StaleTransition(f"{given.approver} has decided on {approval.run_id} already")


def _count(ledger: Ledger, approval: Approval, given: Vote, now: datetime) -> Approval:
    votes = [*approval.votes, given]
    status = tally(votes, approval.needed)
    changes = {"votes": [vote.model_dump(mode="json") for vote in votes], "revision": approval.revision + 1}
    if status is Status.PENDING:
        unchanged = {"revision": approval.revision}
        place = key(approval.run_id)
        return Approval.model_validate(
            ledger.transition(place, [Status.PENDING], status, changes, now=now, unchanged=unchanged)
        )
    return _settle(ledger, approval, status, given.approver, given.reason, Callback.DUE, now, changes)


def expire(ledger: Ledger, approval: Approval, now: datetime) -> Approval:
    """Close a pending approval that too few decided. StaleTransition where they did after all."""
    reason = f"{approval.approvals} of {approval.needed} approved in time" if approval.votes else NOBODY_DECIDED
    return _settle(ledger, approval, Status.EXPIRED, None, reason, Callback.GONE, now)


def supersede(ledger: Ledger, approval: Approval, by: str, now: datetime) -> Approval:
    """Close a pending approval because a newer run asks instead. StaleTransition where it was decided."""
    return _settle(ledger, approval, Status.SUPERSEDED, None, f"{by} asks instead", Callback.DUE, now)


def _settle(
    ledger: Ledger,
    approval: Approval,
    status: Status,
    approver: str | None,
    reason: str,
    callback: Callback,
    now: datetime,
    more: dict[str, Any] | None = None,
) -> Approval:
    changes = {
        **(more or {}),
        "decided_by": approver,
        "decided_at": iso(now),
        "reason": reason,
        "callback": callback,
    }
    record = ledger.transition(
        key(approval.run_id),
        [Status.PENDING],
        status,
        changes,
        now=now,
        emit=decided(approval, status, approver, reason),
        # With the votes as they were read: a vote that came between is neither lost nor overwritten.
        unchanged={"revision": approval.revision},
        kind=DUE_KIND if callback is Callback.DUE else KIND,
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
    deciding = approval.vote_of(approval.decided_by or "")
    record = {
        "run_id": approval.run_id,
        "use_case": approval.use_case,
        "approval_id": approval.approval_id,
        "decision": approval.status,
        "approver": approval.decided_by,
        "address": approval.decider.address if approval.decider else None,
        "identity": deciding.identity if deciding else None,
        "principal": deciding.principal.model_dump(mode="json") if deciding and deciding.principal else None,
        "votes": [vote.model_dump(mode="json") for vote in approval.votes],
        "decided_at": iso(approval.decided_at) if approval.decided_at else None,
        "reason": approval.reason,
        "model_package_arn": approval.model_package_arn,
        "digest": approval.digest,
    }
    ledger.put_new(decision_key(approval), record, kind=DECISION_KIND, now=now)


def mark_told(ledger: Ledger, approval: Approval, callback: Callback, now: datetime) -> None:
    """Remember what became of telling the execution, unless a newer task waits by now."""
    try:
        newest = load(ledger, approval.run_id)
    except NotFound:
        return
    if newest.task_token == approval.task_token:
        _called(ledger, newest, {"callback": callback}, KIND, now)


def due(ledger: Ledger) -> list[Approval]:
    """Decided approvals whose execution was not told yet."""
    return [Approval.model_validate(record) for record in ledger.of_kind(DUE_KIND)]


def _called(ledger: Ledger, approval: Approval, changes: dict[str, Any], kind: str, now: datetime) -> Approval:
    """Write what is known of the call to the execution; a decided approval's status is final."""
    place = key(approval.run_id)
    return Approval.model_validate(
        ledger.transition(place, [approval.status], approval.status, changes, now=now, kind=kind)
    )


def _record(approval: Approval) -> dict[str, Any]:
    return approval.model_dump(mode="json", exclude={"created_at", "updated_at"})
