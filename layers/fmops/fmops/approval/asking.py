"""Asking for a decision: written down first, announced, then mailed to each approver; later reminded, and escalated."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import Field

from fmops.approval import callbacks, mail, people, records, turns
from fmops.approval.evidence import of_report
from fmops.approval.models import Approval, Approver, Occasion, Status
from fmops.approval.post import Post
from fmops.approval.rules import Timetable
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.links.kms import Signer
from fmops.links.people import Topic
from fmops.selection.models import Report


class Desk(NamedTuple):
    """What asking needs."""

    ledger: Ledger
    emitter: Emitter
    topic: Topic
    post: Post
    signer: Signer
    states: Any
    """A boto3 client of Step Functions."""
    public_url: str


class Request(Ours):
    """The payload of the states that wait."""

    occasion: Occasion
    task_token: str = Field(repr=False)
    run_id: str
    use_case: str
    execution_arn: str
    model_package_arn: str
    digest: str
    timetable: Timetable


class Terms(NamedTuple):
    """What the use case says about its approvals, and what is known of the run."""

    approvers: list[Approver]
    second_list: list[Approver]
    needed: int
    cost_usd: float | None
    began: datetime
    """When the run did."""


def draft(request: Request, report: Report, report_uri: str, terms: Terms, now: datetime) -> Approval:
    """The approval as it will be asked for. ResultsUnusable where the report names no winner."""
    shown = of_report(report, report_uri, terms.cost_usd)
    return Approval(
        run_id=request.run_id,
        use_case=request.use_case,
        # One approval for each run, so that its id is the run's.
        approval_id=request.run_id,
        candidate=report.decision.winner or "",
        status=Status.PENDING,
        model_package_arn=request.model_package_arn,
        digest=request.digest,
        approvers=terms.approvers,
        needed=terms.needed,
        expires_at=now + timedelta(seconds=request.timetable.total_seconds),
        evidence=shown,
        execution_arn=request.execution_arn,
        task_token=request.task_token,
    )


def ask(desk: Desk, draft: Approval, began: datetime, now: datetime) -> Approval:
    """Ask everybody in `draft` once; a retry only sends what is missing and binds its token.

    NoApprovers where too few could be reached: then nothing is written and nobody waits. A run that was decided
    already (the state is retried after a redrive) is answered at once, and so is one that a newer run overtook.
    """
    reached = people.enough(draft.approvers, desk.topic.confirmed(_ids(draft.approvers)), draft.needed)
    approval = records.open_once(desk.ledger, draft, now)
    desk.ledger.announce(records.key(approval.run_id), desk.emitter)
    if approval.status is Status.PENDING:
        approval = _take_turn(desk, approval, began, now)
    if approval.status is not Status.PENDING:
        callbacks.tell(desk.states, desk.ledger, approval, now)
        return approval
    return _mail(desk, approval, reached, Occasion.ASK, now)


def ask_again(desk: Desk, request: Request, second_list: list[Approver], now: datetime) -> Approval:
    """Remind those who have not answered; on escalation ask the second list as well.

    The state that waits is a new one: its token is bound first, so that no decision goes to a task that is over.
    """
    approval = records.rebind(desk.ledger, request.run_id, request.task_token, request.execution_arn, now)
    if approval.status is not Status.PENDING:
        callbacks.tell(desk.states, desk.ledger, approval, now)
        return approval
    if request.occasion is Occasion.ESCALATE:
        approval = records.add_approvers(desk.ledger, approval, second_list, now)
    confirmed = desk.topic.confirmed(_ids(approval.approvers))
    silent = [who for who in approval.approvers if who.id in confirmed and not approval.vote_of(who.id)]
    return _mail(desk, approval, silent, request.occasion, now)


def _take_turn(desk: Desk, approval: Approval, began: datetime, now: datetime) -> Approval:
    """Close the request that this one replaces, or this one where a newer run asks already."""
    turn = turns.take(desk.ledger, approval.use_case, approval.run_id, began, now)
    if turn.newer:
        closed = turns.close(desk.ledger, approval.run_id, turn.newer, now)
        desk.ledger.announce(records.key(approval.run_id), desk.emitter)
        return closed or records.load(desk.ledger, approval.run_id)
    if turn.replaced and (replaced := turns.close(desk.ledger, turn.replaced, approval.run_id, now)):
        desk.ledger.announce(records.key(replaced.run_id), desk.emitter)
        callbacks.tell(desk.states, desk.ledger, replaced, now)
        return records.replaces(desk.ledger, approval, replaced.run_id, now)
    return approval


def _mail(desk: Desk, approval: Approval, to: list[Approver], occasion: Occasion, now: datetime) -> Approval:
    for approver in to:
        mark = f"{occasion.value}:{approver.id}"
        if mark in approval.mailed:
            continue
        link = desk.signer.sign(approval.approval_id, approver.id, approval.expires_at)
        desk.post.send(approver, mail.write(approval, approver, occasion, f"{desk.public_url}/approvals/{link}"))
        approval = records.mark_mailed(desk.ledger, approval, mark, now)
    return approval


def _ids(approvers: list[Approver]) -> list[str]:
    return [approver.id for approver in approvers]
