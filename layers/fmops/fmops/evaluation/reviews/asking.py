"""Asking reviewers: written down first, then the sheet, then a mail with a link of their own to each."""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import Field

from fmops.core.errors import BadInput, NotFound
from fmops.core.models import Ours
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.results import exhibits
from fmops.evaluation.reviews import mail, records, telling
from fmops.evaluation.reviews.models import Reviewer, ReviewRecord, ReviewStatus, Sheet
from fmops.evaluation.reviews.preparing import Draft, pairs, prepare
from fmops.links.kms import Signer
from fmops.links.people import Topic, approver_id
from fmops.usecases.review import Review


class Request(Ours):
    """The payload of the state that waits."""

    task_token: str = Field(repr=False)
    run_id: str
    execution_arn: str


class Post(NamedTuple):
    """What asking needs beside a desk."""

    topic: Topic
    signer: Signer
    states: Any
    """A boto3 client of Step Functions."""
    public_url: str


def ask(desk: Desk, post: Post, request: Request, now: datetime) -> ReviewRecord:
    """Ask everybody who can be reached once; a retry only sends what is missing and binds its token.

    Where nothing can be asked (nobody has confirmed their address, nothing to compare with, all answers are the same)
    the execution goes on at once, and the review says why. BadInput where the run's plan asks for no review.
    """
    plan = desk.plan(request.run_id)
    if plan.review is None:
        raise BadInput(f"the use case {plan.use_case} asks for no review")
    review = records.open_once(desk.ledger, _draft(plan, plan.review, request, post.topic.confirmed(), now), now)
    if review.status is ReviewStatus.OPEN:
        sheet = _sheet(desk, plan, plan.review, review)
        if sheet.items:
            review = _send(desk, post, review, sheet, now)
        else:
            reason = "both answers are the same on every sampled row"
            review = records.settle(desk.ledger, review.run_id, {"reason": reason}, now)
    if telling.is_over(desk.ledger, review, now):
        telling.tell(post.states, desk.ledger, review, now)
    return review


def _draft(plan: Plan, review: Review, request: Request, confirmed: set[str], now: datetime) -> ReviewRecord:
    people = [Reviewer(id=approver_id(address), address=address) for address in review.reviewers]
    reached = [person for person in people if person.id in confirmed]
    reason = ""
    if not pairs(plan, review):
        reason = "no candidate has a champion or an untuned base to be compared with"
    elif not reached:
        reason = (
            f"none of the {len(people)} reviewers has confirmed their address; "
            "each has a mail from AWS Notifications with a link to confirm"
        )
    return ReviewRecord(
        run_id=plan.run_id,
        use_case=plan.use_case,
        status=ReviewStatus.CLOSED if reason else ReviewStatus.OPEN,
        seed=secrets.token_hex(16),
        reviewers=reached,
        invited=len(people),
        expires_at=now + timedelta(days=review.days),
        execution_arn=request.execution_arn,
        task_token=request.task_token,
        reason=reason,
    )


def _sheet(desk: Desk, plan: Plan, review: Review, record: ReviewRecord) -> Sheet:
    """The sheet that an earlier try wrote, or a new one: what people are shown must not change under them."""
    places = desk.places(plan.run_id)
    try:
        return Sheet.model_validate(desk.store.read_json(places.sheet))
    except NotFound:
        draft = Draft(plan, review, [reviewer.id for reviewer in record.reviewers], record.seed)
    made = prepare(
        draft,
        exhibits.read_rows(desk.store, plan.dataset),
        lambda candidate, rows: exhibits.read_answers(desk.store, places.candidate(candidate), rows),
    )
    desk.store.write_json(places.sheet, made.model_dump(mode="json"))
    return made


def _send(desk: Desk, post: Post, review: ReviewRecord, sheet: Sheet, now: datetime) -> ReviewRecord:
    asked = [reviewer for reviewer in review.reviewers if sheet.assigned.get(reviewer.id)]
    for reviewer in asked:
        records.give_ballot(desk.ledger, review, reviewer, len(sheet.assigned[reviewer.id]), now)
    review = records.all_given(desk.ledger, review, len(asked), now)
    runs.awaiting_review(desk.ledger, review.run_id, now)
    for reviewer in asked:
        if reviewer.id not in review.mailed:
            link = post.signer.sign(records.subject(review.run_id), reviewer.id, review.expires_at)
            url = f"{post.public_url}/reviews/{link}"
            post.topic.send(reviewer.id, *mail.ask(review, len(sheet.assigned[reviewer.id]), url))
            review = records.mark_mailed(desk.ledger, review, reviewer.id, now)
    return review
