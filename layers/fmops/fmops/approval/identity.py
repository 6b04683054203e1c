"""Who the visitor of an approval's page is: its mailbox alone, or a person who signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fmops.approval import page
from fmops.approval.models import Approval, Approver
from fmops.links import http
from fmops.signin import cookies, sessions
from fmops.signin.models import MAILBOX, Principal
from fmops.signin.sessions import Door
from fmops.signin.tokens import same_address


class SignInNeeded(Exception):
    """The stack has an issuer, and this browser no session for this link."""


def principal_of(
    event: Mapping[str, Any], approval: Approval, approver: Approver, door: Door | None, now: datetime
) -> Principal:
    """Who the visitor of a genuine link is. SignInNeeded where that has to be found out first."""
    if door is None:
        return MAILBOX
    session = sessions.session_of(door.opener, cookies.read(event, cookies.SESSION), now)
    if session is None or (session.approval, session.approver) != (approval.approval_id, approver.id):
        raise SignInNeeded
    who = session.principal
    if who.issuer != door.issuer or not same_address(who.email or "", approver.address):
        raise SignInNeeded
    return who


def to_sign_in(event: Mapping[str, Any]) -> dict[str, Any]:
    """Where a visitor without a session is sent: a reader to the sign-in, a form nowhere."""
    request = http.request(event)
    if request.method == "POST":
        text = "Open the link from your mail once more and sign in; then decide. Nothing was changed."
        return http.response(401, page.message("Your sign-in has ended", text), page.STYLE)
    if (event.get("queryStringParameters") or {}).get("signed-in"):
        # Not once more: a browser that keeps no cookies would go round for ever.
        text = "Open the link from your mail once more. If you see this again, allow this page to keep cookies."
        return http.response(401, page.message("Your sign-in has ended", text), page.STYLE)
    return redirect(f"/approvals/{request.token}/sign-in")


def redirect(place: str, *kept: str) -> dict[str, Any]:
    """To another page; neither caches nor that page learn the address of this one, which is a link."""
    headers = {"location": place, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return {"statusCode": 302, "headers": headers, "cookies": list(kept), "body": "", "isBase64Encoded": False}
