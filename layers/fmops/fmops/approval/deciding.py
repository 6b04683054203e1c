"""The two things that a link can do: show the approval (GET, HEAD), and decide it once (POST)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from fmops.approval import callbacks, forms, page, records
from fmops.approval.models import MAILBOX, Approval, Approver, Choice, Status, Vote
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
    nonce: str
    identity: str = MAILBOX
    """How we know who the visitor is."""

    @property
    def shown(self) -> tuple[Approval, Approver, str]:
        """What the page is made of."""
        return self.approval, self.approver, self.report

    @property
    def is_open(self) -> bool:
        """Whether this visitor has something to decide."""
        return self.approval.status is Status.PENDING and self.approval.vote_of(self.approver.id) is None


def show(event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, now: datetime) -> dict[str, Any]:
    """The page of an approval. Reads, and changes nothing."""
    request = http.request(event)
    head = request.method == "HEAD"
    try:
        opened = _open(request.token, verifier, ledger, now)
    except (LinkInvalid, LinkExpired) as error:
        return _refused(error, head=head)
    return _answer(200, page.review(*opened.shown), head=head)


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
        identity=opened.identity,
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


def _open(token: str, verifier: Verifier, ledger: Ledger, now: datetime) -> Opened:
    """LinkInvalid where the link is forged or not (or no longer) one of this approval's.

    What a link proves is that its mailbox was read. A sign-in in front of the page belongs here, and gives `identity`.
    """
    claims = verifier.verify(token, now)
    approval = records.find(ledger, claims.approval)
    approver = approval.asked(claims.approver) if approval else None
    if approval is None or approver is None:
        raise LinkInvalid("the link belongs to no approval")
    if now >= approval.expires_at:
        raise LinkExpired("the approval is past its time")
    return Opened(approval, approver, f"{token}/report", claims.nonce)


def _refused(error: LinkInvalid | LinkExpired, *, head: bool = False) -> dict[str, Any]:
    """One page for every link that is not genuine, so that a forger learns nothing from it."""
    if isinstance(error, LinkExpired):
        text = "The time to decide is over. Without enough approvals by then, the request counts as rejected."
        return _answer(410, page.message("This link has expired", text), head=head)
    text = "Please open the link from your mail once more, in full. If it still fails, ask for a new run."
    return _answer(403, page.message("This link is not valid", text), head=head)


def _answer(status: int, text: str, *, head: bool = False) -> dict[str, Any]:
    return http.response(status, text, page.STYLE, head=head)
