"""Asking for a decision: written down first, announced, then mailed to each approver."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import Field

from fmops.approval import callbacks, mail, people, records
from fmops.approval.evidence import of_report
from fmops.approval.models import Approval, Approver, Status
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.links.kms import Signer
from fmops.selection.models import Report


class Desk(NamedTuple):
    """What asking needs."""

    ledger: Ledger
    emitter: Emitter
    topic: people.Topic
    signer: Signer
    states: Any
    """A boto3 client of Step Functions."""
    public_url: str


class Request(Ours):
    """The payload of the state that waits."""

    task_token: str = Field(repr=False)
    run_id: str
    use_case: str
    execution_arn: str
    model_package_arn: str
    digest: str


def draft(
    request: Request,
    report: Report,
    report_uri: str,
    *,
    addresses: list[str],
    days: int,
    cost_usd: float | None,
    now: datetime,
) -> Approval:
    """The approval as it will be asked for. ResultsUnusable where the report names no winner."""
    shown = of_report(report, report_uri, cost_usd)
    return Approval(
        run_id=request.run_id,
        use_case=request.use_case,
        # One approval for each run, so that its id is the run's.
        approval_id=request.run_id,
        candidate=report.decision.winner or "",
        status=Status.PENDING,
        model_package_arn=request.model_package_arn,
        digest=request.digest,
        approvers=[Approver(id=people.approver_id(address), address=address) for address in addresses],
        expires_at=now + timedelta(days=days),
        evidence=shown,
        execution_arn=request.execution_arn,
        task_token=request.task_token,
    )


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
