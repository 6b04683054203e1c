"""Authorization code with PKCE: how a sign-in begins, and what has to hold at its end."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from fmops.core.errors import SealBroken, SignInRefused
from fmops.signin import cookies
from fmops.signin.models import Transaction
from fmops.signin.provider import Provider
from fmops.signin.seals import Opener, Sealer

_PURPOSE = "sign-in"


class Begun(NamedTuple):
    """Where the browser goes, and what it keeps meanwhile."""

    url: str
    cookie: str


def begin(provider: Provider, sealer: Sealer, link: str, site: str, now: datetime) -> Begun:
    """Begin a sign-in for an approval link of our site (`https://host`). SignInUnavailable without the issuer."""
    begun = Transaction(
        link=link,
        redirect_uri=f"{site}{cookies.CALLBACK}",
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
    )
    url = provider.authorization_url(begun, challenge(begun.verifier), now)
    expires = now + timedelta(seconds=cookies.TRANSACTION_SECONDS)
    sealed = sealer.seal(_PURPOSE, begun.model_dump(mode="json"), expires)
    return Begun(url, cookies.begin(begun.state, sealed))


def resume(opener: Opener, state: str, kept: str | None, now: datetime) -> Transaction:
    """The sign-in that this browser began. SignInRefused where it began none with this state, or too long ago."""
    try:
        begun = Transaction.model_validate(opener.open(_PURPOSE, kept or "", now))
    except (SealBroken, ValidationError) as error:
        raise SignInRefused("this browser began no such sign-in, or too long ago") from error
    if not hmac.compare_digest(begun.state.encode(), state.encode()):
        raise SignInRefused("this browser began no such sign-in, or too long ago")
    return begun


def challenge(verifier: str) -> str:
    """PKCE's S256 (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()
