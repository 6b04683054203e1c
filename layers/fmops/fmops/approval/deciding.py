"""The two things that a link can do: show the approval (GET, HEAD), and decide it once (POST)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fmops.approval import callbacks, forms, page, records
from fmops.approval.identity import SignInNeeded
from fmops.approval.links import Opened, enter, refusal
from fmops.approval.models import Choice, Status, Vote
from fmops.core.artifacts import Store, location
from fmops.core.errors import LinkExpired, LinkInvalid, NotFound, StaleTransition
from fmops.core.ledger import Ledger
from fmops.core.log import logger
from fmops.links import http
from fmops.links.kms import Verifier
from fmops.signin.sessions import Door

log = logger("approval")


def show(
    event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, now: datetime, door: Door | None = None
) -> dict[str, Any]:
    """The page of an approval. Reads, and changes nothing."""
    request = http.request(event)
    head = request.method == "HEAD"
    try:
        opened = enter(event, verifier, ledger, door, now)
    except (LinkInvalid, LinkExpired, SignInNeeded) as error:
        return refusal(error, event)
    return _answer(200, page.review(*opened.shown), head=head)


def report(
    event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, store: Store, now: datetime, door: Door | None = None
) -> dict[str, Any]:
    """The report of an approval's run, for whoever may see the approval. Reads, and changes nothing."""
    try:
        opened = enter(event, verifier, ledger, door, now)
    except (LinkInvalid, LinkExpired, SignInNeeded) as error:
        return refusal(error, event)
    # The page lies beside report.json; it was drawn when the run was decided, and says what the approver is asked on.
    place = location(opened.approval.evidence.report_uri.removesuffix(".json") + ".html")
    try:
        text = store.read(place).decode()
    except NotFound:
        return _answer(404, page.message("There is no report", "The report of this run is not there any more."))
    style = text.partition("<style>")[2].partition("</style>")[0]
    return http.response(200, text, style)


def decide(
    event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, states: Any, now: datetime, door: Door | None = None
) -> dict[str, Any]:
    """Take an approver's decision. `states` is a boto3 client of Step Functions."""
    request = http.request(event)
    try:
        opened = enter(event, verifier, ledger, door, now)
    except (LinkInvalid, LinkExpired, SignInNeeded) as error:
        return refusal(error, event)
    if not request.is_from_our_page:
        # Another site's form or script: no human choice on our page stands behind it.
        return _answer(403, page.review(*opened.shown, problem="The form must be sent from this page"))
    try:
        fields = request.form()
    except http.FormUnreadable:
        return _answer(400, page.review(*opened.shown, problem="The form could not be read; please try again"))
    try:
        choice = forms.read(fields, opened.approval.evidence.short_name, may_approve=opened.approver.may_approve)
    except forms.NotAllowed as error:
        return _answer(403, page.review(*opened.shown, problem=str(error), reason=fields.get("reason", "")))
    except forms.FormRefused as error:
        again = page.review(*opened.shown, problem=str(error), reason=fields.get("reason", ""))
        return _answer(422 if opened.is_open else 409, again)
    return _decide(opened, choice, ledger, states, now)


def _decide(opened: Opened, choice: Choice, ledger: Ledger, states: Any, now: datetime) -> dict[str, Any]:
    given = Vote(
        approver=opened.approver.id,
        decision=choice.decision,
        reason=choice.reason,
        at=now,
        nonce=opened.nonce,
        identity=opened.principal.identity,
        principal=opened.principal if opened.principal.subject else None,
    )
    try:
        counted = records.vote(ledger, opened.approval, given, now)
    except StaleTransition:
        return _already(opened, choice, ledger)
    facts = {"run_id": counted.run_id, "approver": given.approver, "decision": given.decision}
    log.info("vote counted", extra={**facts, "status": counted.status.value})
    if counted.status is not Status.PENDING:
        try:
            callbacks.tell(states, ledger, counted, now)
        except (ClientError, BotoCoreError) as error:
            # The decision stands. The reconciler tells the execution; the approver has nothing to do.
            log.warning("the execution was not told", extra={**facts, "error": type(error).__name__})
    note = "Thank you: your decision is recorded."
    return _answer(200, page.review(counted, opened.approver, opened.report, note=note))


def _already(opened: Opened, choice: Choice, ledger: Ledger) -> dict[str, Any]:
    """Somebody was first, perhaps this very approver with a second click."""
    found = records.load(ledger, opened.approval.run_id)
    before = found.vote_of(opened.approver.id)
    same = before is not None and before.decision == choice.decision
    note = "Your decision was recorded already." if same else "Nothing was changed: this was decided before."
    return _answer(200 if same else 409, page.review(found, opened.approver, opened.report, note=note))


def _answer(status: int, text: str, *, head: bool = False) -> dict[str, Any]:
    return http.response(status, text, page.STYLE, head=head)
