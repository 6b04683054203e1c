"""The two things that a reviewer's link can do: show the sheet (GET, HEAD), and save or send in votes (POST)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from fmops.core.clock import iso
from fmops.core.errors import LinkExpired, LinkInvalid, NotFound, StaleTransition
from fmops.core.log import logger
from fmops.evaluation.desk import Desk
from fmops.evaluation.reviews import forms, page, records, telling
from fmops.evaluation.reviews.models import Ballot, BallotStatus, ReviewRecord, ReviewStatus, Sheet, Vote
from fmops.evaluation.reviews.tallying import sides
from fmops.links import http
from fmops.links.kms import Verifier

log = logger("evaluation")

_END = "end"


class Opened(NamedTuple):
    """What a genuine link leads to."""

    review: ReviewRecord
    sheet: Sheet
    ballot: Ballot

    @property
    def view(self) -> page.View:
        """What the page may know: sides, and no candidates."""
        reviewer = self.ballot.reviewer
        left = sides(self.sheet, reviewer)
        return page.View(
            use_case=self.sheet.use_case,
            until=self.review.expires_at,
            items=[page.Shown.of(self.sheet.item(item), left[item]) for item in self.sheet.assigned[reviewer]],
            votes=self.ballot.votes,
        )


def show(event: Mapping[str, Any], verifier: Verifier, desk: Desk, now: datetime) -> dict[str, Any]:
    """A page of the sheet. Reads, and changes nothing."""
    request = http.request(event)
    head = request.method == "HEAD"
    try:
        opened = _open(request.token, verifier, desk, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error, head=head)
    if opened.ballot.status is not BallotStatus.OPEN:
        return _answer(200, page.thanks(opened.view), head=head)
    wanted = str((event.get("queryStringParameters") or {}).get("item", ""))
    return _answer(200, _page(opened.view, wanted), head=head)


def cast(event: Mapping[str, Any], verifier: Verifier, desk: Desk, states: Any, now: datetime) -> dict[str, Any]:
    """Save a vote, or send the sheet in. `states` is a boto3 client of Step Functions."""
    request = http.request(event)
    try:
        opened = _open(request.token, verifier, desk, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error)
    view = opened.view
    if opened.ballot.status is not BallotStatus.OPEN:
        return _answer(409, page.thanks(view, already=True))
    try:
        fields = request.form()
    except http.FormUnreadable:
        return _answer(400, _page(view, "", "The form could not be read; please try again"))
    try:
        sent = forms.read(fields, [shown.id for shown in view.items])
    except forms.FormRefused as error:
        return _answer(422, _again(view, fields, str(error)))
    try:
        return _send(opened, desk, states, now) if sent.action == "send" else _save(opened, sent, desk, now)
    except StaleTransition:
        return _answer(409, page.thanks(view, already=True))


def _save(opened: Opened, sent: forms.Sent, desk: Desk, now: datetime) -> dict[str, Any]:
    if sent.choice is None:
        raise ValueError("a vote without a choice")
    vote = Vote(choice=sent.choice, comment=sent.comment, at=iso(now))
    ballot = records.vote(desk.ledger, opened.review.run_id, opened.ballot.reviewer, sent.item, vote, now)
    items = [shown.id for shown in opened.view.items]
    after = items.index(sent.item) + 1
    # The next open one, then those that were passed over.
    following = next((item for item in (*items[after:], *items[:after]) if item not in ballot.votes), None)
    return http.see(f"?item={items.index(following) + 1}" if following else f"?item={_END}")


def _send(opened: Opened, desk: Desk, states: Any, now: datetime) -> dict[str, Any]:
    review, reviewer = opened.review, opened.ballot.reviewer
    ballot = records.send(desk.ledger, review.run_id, reviewer, now)
    log.info("review sent in", extra={"run_id": review.run_id, "reviewer": reviewer, "votes": len(ballot.votes)})
    try:
        if telling.is_over(desk.ledger, review, now):
            telling.tell(states, desk.ledger, records.load(desk.ledger, review.run_id), now)
    except (ClientError, BotoCoreError) as error:
        # The votes stand. The reconciler tells the execution; the reviewer has nothing to do.
        log.warning("the execution was not told", extra={"run_id": review.run_id, "error": type(error).__name__})
    return http.see("?")


def _page(view: page.View, wanted: str, problem: str = "") -> str:
    """The item of this number; without one the first that has no vote, and after the last of them the end."""
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:6]) <= len(view.items):
        return page.item(view, int(wanted) - 1, problem=problem)
    still = view.open
    return (
        page.end(view, problem=problem) if wanted == _END or not still else page.item(view, still[0], problem=problem)
    )


def _again(view: page.View, fields: Mapping[str, str], problem: str) -> str:
    """The page that the form came from, with what was typed."""
    item = forms.item_of(fields, [shown.id for shown in view.items])
    if item is None:
        return _page(view, "", problem)
    place = next(i for i, shown in enumerate(view.items) if shown.id == item)
    return page.item(view, place, problem=problem, comment=fields.get("comment", ""))


def _open(token: str, verifier: Verifier, desk: Desk, now: datetime) -> Opened:
    """LinkInvalid where the link is forged or belongs to no review; LinkExpired where nothing is taken any more."""
    claims = verifier.verify(token, now)
    review = records.find(desk.ledger, claims.approval)
    if review is None or review.asked(claims.approver) is None:
        raise LinkInvalid("the link belongs to no review")
    try:
        ballot = records.ballot(desk.ledger, review.run_id, claims.approver)
        sheet = Sheet.model_validate(desk.store.read_json(desk.places(review.run_id).sheet))
    except NotFound as error:
        raise LinkInvalid("the link belongs to no sheet") from error
    over = now >= review.expires_at or review.status is ReviewStatus.CLOSED
    if over and ballot.status is not BallotStatus.SENT:
        raise LinkExpired("the review is over")
    return Opened(review, sheet, ballot)


def _refused(error: LinkInvalid | LinkExpired, *, head: bool = False) -> dict[str, Any]:
    """One page for every link that is not genuine, so that a forger learns nothing from it."""
    if isinstance(error, LinkExpired):
        return _answer(
            410, page.message("This review is over", "What you had saved was counted. Thank you."), head=head
        )
    text = "Please open the link from your mail once more, in full. If it still fails, ask the owner of the use case."
    return _answer(403, page.message("This link is not valid", text), head=head)


def _answer(status: int, text: str, *, head: bool = False) -> dict[str, Any]:
    return http.response(status, text, page.STYLE, head=head)
