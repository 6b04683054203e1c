"""GET /approvals/{token}/sign-in, then /sign-in: sends an approver to the issuer, and lets them in afterwards."""

from typing import Any

from fmops.approval.signing_in import Desk, begin, closed, finish
from fmops.core import clock, wiring
from fmops.links.kms import Verifier
from fmops.signin import wiring as signin


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = wiring.settings()
    if not settings.oidc_issuer:
        return closed()
    verifier = Verifier(wiring.client("kms"), settings.link_keys)
    desk = Desk(verifier, wiring.ledger(), signin.provider(), signin.sealer(), signin.opener())
    # Only the way in names a link; on the way back it is in the cookie.
    act = begin if event.get("pathParameters") else finish
    return act(event, desk, clock.now())
