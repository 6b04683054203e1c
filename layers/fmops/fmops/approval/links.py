"""From a link to the approval and the approver that it is for, and to the person who came by it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fmops.approval import page, records
from fmops.approval.identity import SignInNeeded, principal_of, to_sign_in
from fmops.approval.models import Approval, Approver, Status
from fmops.core.errors import LinkExpired, LinkInvalid
from fmops.core.ledger import Ledger
from fmops.links import http
from fmops.links.kms import Verifier
from fmops.signin.models import MAILBOX, Principal
from fmops.signin.sessions import Door


class Opened(NamedTuple):
    """What a genuine link leads to."""

    approval: Approval
    approver: Approver
    report: str
    """Where its report is, relative to the approval's page."""
    nonce: str
    principal: Principal = MAILBOX
    """Who the visitor is. What a link alone proves is that its mailbox was read."""

    @property
    def shown(self) -> tuple[Approval, Approver, str]:
        """What the page is made of."""
        return self.approval, self.approver, self.report

    @property
    def is_open(self) -> bool:
        """Whether this visitor has something to decide."""
        return self.approval.status is Status.PENDING and self.approval.vote_of(self.approver.id) is None


def open_link(token: str, verifier: Verifier, ledger: Ledger, now: datetime) -> Opened:
    """LinkInvalid where the link is forged or not (or no longer) one of this approval's; LinkExpired past its time."""
    claims = verifier.verify(token, now)
    approval = records.find(ledger, claims.approval)
    approver = approval.asked(claims.approver) if approval else None
    if approval is None or approver is None:
        raise LinkInvalid("the link belongs to no approval")
    if now >= approval.expires_at:
        raise LinkExpired("the approval is past its time")
    return Opened(approval, approver, f"{token}/report", claims.nonce)


def enter(event: Mapping[str, Any], verifier: Verifier, ledger: Ledger, door: Door | None, now: datetime) -> Opened:
    """The same for a request, with who it is of. SignInNeeded where that has to be found out first."""
    opened = open_link(http.request(event).token, verifier, ledger, now)
    return opened._replace(principal=principal_of(event, opened.approval, opened.approver, door, now))


def refusal(error: LinkInvalid | LinkExpired | SignInNeeded, event: Mapping[str, Any]) -> dict[str, Any]:
    """One page for every link that is not genuine, so that a forger learns nothing from it."""
    match error:
        case SignInNeeded():
            return to_sign_in(event)
        case LinkExpired():
            status, title = 410, "This link has expired"
            text = "The time to decide is over. Without enough approvals by then, the request counts as rejected."
        case _:
            status, title = 403, "This link is not valid"
            text = "Please open the link from your mail once more, in full. If it still fails, ask for a new run."
    head = http.request(event).method == "HEAD"
    return http.response(status, page.message(title, text), page.STYLE, head=head)
