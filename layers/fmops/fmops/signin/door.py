"""The sign-in in front of the approval page, where the stack has one: made once a process, on first use."""

from functools import cache

from fmops.core import wiring
from fmops.signin.seals import Opener
from fmops.signin.sessions import Door


@cache
def door() -> Door | None:
    """None where the stack has no issuer: then a link is all that an approver has."""
    settings = wiring.settings()
    if not settings.oidc_issuer:
        return None
    return Door(settings.oidc_issuer, Opener(wiring.client("kms"), settings.session_key))
