"""The two cookies of a sign-in: out of reach of scripts, of plain HTTP and of other sites' forms."""

from collections.abc import Mapping
from typing import Any

from fmops.core.ids import short_hash

SESSION = "__Secure-fmops-session"
CALLBACK = "/sign-in"
TRANSACTION_SECONDS = 600
SESSION_SECONDS = 3600


def transaction_name(state: str) -> str:
    """A name for each sign-in, so that two tabs do not undo each other's."""
    return f"__Secure-fmops-signin-{short_hash(state, length=8)}"


def begin(state: str, sealed: str) -> str:
    """Keep a sign-in that has begun, for the address alone to which the issuer sends back."""
    return _cookie(transaction_name(state), sealed, CALLBACK, TRANSACTION_SECONDS)


def end(state: str) -> str:
    """Forget it."""
    return _cookie(transaction_name(state), "", CALLBACK, 0)


def session(link: str, sealed: str) -> str:
    """Keep a session, for the pages below one link alone."""
    return _cookie(SESSION, sealed, f"/approvals/{link}", SESSION_SECONDS)


def read(event: Mapping[str, Any], name: str) -> str | None:
    """A cookie of a request (API Gateway's payload 2.0); None where it is missing or there is more than one."""
    pairs = (str(pair).partition("=") for pair in event.get("cookies") or [])
    found = [value for key, _, value in pairs if key.strip() == name]
    return found[0] if len(found) == 1 else None


def _cookie(name: str, value: str, path: str, seconds: int) -> str:
    # Lax: the mail's link and the issuer's way back come from elsewhere; a form or a frame of another site brings none.
    return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax"
