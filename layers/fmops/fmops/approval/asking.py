"""Asking for a decision: written down first, announced, then mailed to each approver."""

from datetime import datetime
from typing import Any, NamedTuple

from fmops.approval import callbacks, mail, people, records
from fmops.approval.models import Approval, Approver, Status
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger
from fmops.links.kms import Signer


class Desk(NamedTuple):
    """What asking needs."""

    ledger: Ledger
    emitter: Emitter
    topic: people.Topic
    signer: Signer
    states: Any
    """A boto3 client of Step Functions."""
    public_url: str


def approvers(addresses: list[str]) -> list[Approver]:
    """Those who are asked, with the ids that stand for them."""
    return [Approver(id=people.approver_id(address), address=address) for address in addresses]


def ask(desk: Desk, draft: Approval, now: datetime) -> Approval:
    """Ask everybody in `draft` once; a retry only sends what is missing and binds its token.

    NoApprovers where nobody could be reached: then nothing is written and nobody waits. A run that was decided
    already (the state is retried after a redrive) is answered at once.
    """
    confirmed = desk.topic.confirmed()
    reached = people.enough([approver.id for approver in draft.approvers], confirmed)
    approval = records.open_once(desk.ledger, draft, now)
    desk.ledger.announce(records.key(approval.run_id), desk.emitter)
    if approval.status is not Status.PENDING:
        callbacks.tell(desk.states, desk.ledger, approval, now)
        return approval
    for approver in reached:
        if approver not in approval.mailed:
            link = desk.signer.sign(approval.approval_id, approver, approval.expires_at)
            desk.topic.send(approver, *mail.ask(approval, f"{desk.public_url}/approvals/{link}"))
            approval = records.mark_mailed(desk.ledger, approval, approver, now)
    return approval
