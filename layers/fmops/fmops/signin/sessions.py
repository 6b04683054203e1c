"""Sign-ins that succeeded, as the pages check them: without the issuer, and without the means to make one."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from fmops.core.errors import SealBroken
from fmops.signin.models import Principal, Session
from fmops.signin.seals import Opener, Sealer

_PURPOSE = "session"


class Door(NamedTuple):
    """The sign-in in front of a page."""

    issuer: str
    opener: Opener


def open_session(sealer: Sealer, approval: str, approver: str, principal: Principal, expires: datetime) -> str:
    """The sealed text of a session, for a cookie."""
    session = Session(approval=approval, approver=approver, principal=principal)
    return sealer.seal(_PURPOSE, session.model_dump(mode="json"), expires)


def session_of(opener: Opener, kept: str | None, now: datetime) -> Session | None:
    """The session that a browser kept; None where it is none of ours, or past its time."""
    if not kept:
        return None
    try:
        return Session.model_validate(opener.open(_PURPOSE, kept, now))
    except (SealBroken, ValidationError):
        return None
