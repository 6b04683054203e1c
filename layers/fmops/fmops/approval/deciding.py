"""The two things that a link can do: show the approval (GET, HEAD), and decide it once (POST)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from fmops.approval import callbacks, forms, page, records
from fmops.approval.models import Approval, Approver, Choice, Status
from fmops.core.artifacts import Store, location
from fmops.core.errors import LinkExpired, LinkInvalid, NotFound, StaleTransition
from fmops.core.ledger import Ledger
from fmops.core.log import logger
from fmops.links import http
from fmops.links.kms import Verifier

log = logger("approval")


class Opened(NamedTuple):
    """What a genuine link leads to."""

    approval: Approval
    approver: Approver
    report: str
    """Where its report is, relative to the approval's page."""


def show(event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, now: datetime) -> dict[str, Any]:
    """The page of an approval. Reads, and changes nothing."""
    request = http.request(event)
    head = request.method == "HEAD"
    try:
        opened = _open(request.token, verifier, ledger, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error, head=head)
    return _answer(200, page.review(*opened), head=head)


def report(event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, store: Store, now: datetime) -> dict[str, Any]:
    """The report of an approval's run, for whoever may see the approval. Reads, and changes nothing."""
    request = http.request(event)
    try:
        opened = _open(request.token, verifier, ledger, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error)
    # The page lies beside report.json; it was drawn when the run was decided, and says what the approver is asked on.
    place = location(opened.approval.evidence.report_uri.removesuffix(".json") + ".html")
    try:
        text = store.read(place).decode()
    except NotFound:
        return _answer(404, page.message("There is no report", "The report of this run is not there any more."))
    style = text.partition("<style>")[2].partition("</style>")[0]
    return http.response(200, text, style)


def decide(event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, states: Any, now: datetime) -> dict[str, Any]:
    """Take an approver's decision. `states` is a boto3 client of Step Functions."""
    request = http.request(event)
    try:
        opened = _open(request.token, verifier, ledger, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error)
    try:
        fields = request.form()
    except http.FormUnreadable:
        return _answer(400, page.review(*opened, problem="The form could not be read; please try again"))
    try:
        choice = forms.read(fields, opened.approval.evidence.short_name)
    except forms.FormRefused as error:
        again = page.review(*opened, problem=str(error), reason=fields.get("reason", ""))
        return _answer(422 if opened.approval.status is Status.PENDING else 409, again)
    return _decide(opened, choice, ledger, states, now)


def _decide(opened: Opened, choice: Choice, ledger: Ledger, states: Any, now: datetime) -> dict[str, Any]:
    try:
        decided = records.decide(ledger, opened.approval, opened.approver.id, choice, now)
    except StaleTransition:
        return _already(opened, choice, ledger)
    log.info(
        "approval decided",
        extra={"run_id": decided.run_id, "approver": decided.decided_by, "decision": decided.status.value},
    )
    try:
        callbacks.tell(states, ledger, decided, now)
    except (ClientError, BotoCoreError) as error:
        # The decision stands. The reconciler tells the execution; the approver has nothing to do.
        log.warning("the execution was not told", extra={"run_id": decided.run_id, "error": type(error).__name__})
    return _answer(
        200, page.review(decided, opened.approver, opened.report, note="Thank you: your decision is recorded.")
    )


def _already(opened: Opened, choice: Choice, ledger: Ledger) -> dict[str, Any]:
    """Somebody was first, perhaps this very approver with a second click."""
    found = records.load(ledger, opened.approval.run_id)
    same = found.decided_by == opened.approver.id and found.status.value == choice.decision
    note = "Your decision was recorded already." if same else "Nothing was changed: this was decided before."
    return _answer(200 if same else 409, page.review(found, opened.approver, opened.report, note=note))


def _open(token: str, verifier: Verifier, ledger: Ledger, now: datetime) -> Opened:
    """LinkInvalid where the link is forged or not (or no longer) one of this approval's."""
    claims = verifier.verify(token, now)
    approval = records.find(ledger, claims.approval)
    approver = approval.asked(claims.approver) if approval else None
    if approval is None or approver is None:
        raise LinkInvalid("the link belongs to no approval")
    if now >= approval.expires_at:
        raise LinkExpired("the approval is past its time")
    return Opened(approval, approver, f"{token}/report")


def _refused(error: LinkInvalid | LinkExpired, *, head: bool = False) -> dict[str, Any]:
    """One page for every link that is not genuine, so that a forger learns nothing from it."""
    if isinstance(error, LinkExpired):
        text = "The time to decide is over, and the request counts as rejected. A new run asks again."
        return _answer(410, page.message("This link has expired", text), head=head)
    text = "Please open the link from your mail once more, in full. If it still fails, ask for a new run."
    return _answer(403, page.message("This link is not valid", text), head=head)


def _answer(status: int, text: str, *, head: bool = False) -> dict[str, Any]:
    return http.response(status, text, page.STYLE, head=head)
