"""What an id token must say before we believe it (OpenID Connect Core, section 3.1.3.7): rules without I/O."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fmops.core.errors import SignInRefused
from fmops.signin import rs256
from fmops.signin.models import Principal, Settings

_LONGEST = 16 * 1024
_LEEWAY_SECONDS = 60
# How long ago a token may have been issued: it is fetched within moments of the sign-in.
_OLDEST_SECONDS = 600


class KeyUnknown(SignInRefused):
    """The token is signed by a key that is not among those given; the issuer may have a new one."""


def read(token: str, keys: list[Mapping[str, Any]], wanted: Settings, nonce: str, now: datetime) -> Principal:
    """Whom a genuine token names. SignInRefused where any of it does not hold; KeyUnknown where its key is not there.

    `keys` are the members of the issuer's JSON Web Key Set.
    """
    claims = _signed(token, keys)
    _must_be_ours(claims, wanted, nonce)
    _must_be_fresh(claims, now.timestamp())
    return Principal(
        identity="oidc",
        issuer=wanted.issuer,
        subject=_text(claims, "sub"),
        email=_email(claims, wanted),
    )


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one mailbox to us."""
    return one.strip().casefold() == other.strip().casefold()


def _signed(token: str, keys: list[Mapping[str, Any]]) -> dict[str, Any]:
    parts = token.split(".") if len(token) <= _LONGEST else []
    if len(parts) != 3:
        raise SignInRefused("the issuer's token is in no form that we know")
    header, claims = _object(parts[0]), _object(parts[1])
    # The algorithm is ours to choose: a token that says `none`, or takes the public key for a secret, is nobody's.
    if header.get("alg") != "RS256" or "crit" in header:
        raise SignInRefused("the issuer's token is not signed in a way that we accept (RS256)")
    key = _key(header.get("kid"), keys)
    try:
        signature = rs256.decode(parts[2])
    except ValueError as error:
        raise SignInRefused("the issuer's token is in no form that we know") from error
    if not rs256.verify(key, f"{parts[0]}.{parts[1]}".encode(), signature):
        raise SignInRefused("the signature of the issuer's token does not hold")
    return claims


def _key(kid: Any, keys: list[Mapping[str, Any]]) -> rs256.PublicKey:
    usable = [(jwk.get("kid"), key) for jwk in keys if (key := rs256.of_jwk(jwk))]
    found = [key for name, key in usable if kid is None or name == kid]
    if len(found) != 1:
        raise KeyUnknown("the issuer's token is signed by a key that the issuer does not publish")
    return found[0]


def _must_be_ours(claims: Mapping[str, Any], wanted: Settings, nonce: str) -> None:
    if claims.get("iss") != wanted.issuer:
        raise SignInRefused("the token is another issuer's")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", None if len(audiences) > 1 else wanted.client_id)
    if wanted.client_id not in audiences or party != wanted.client_id:
        raise SignInRefused("the token was made for another application")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise SignInRefused("the token belongs to another sign-in")


def _must_be_fresh(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = (_moment(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise SignInRefused("the token does not say how long it holds")
    if expires + _LEEWAY_SECONDS <= now or issued + _OLDEST_SECONDS + _LEEWAY_SECONDS < now:
        raise SignInRefused("the token has expired")
    if max(issued, begins or 0) > now + _LEEWAY_SECONDS:
        raise SignInRefused("the token is not valid yet")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _email(claims: Mapping[str, Any], wanted: Settings) -> str:
    verified = claims.get("email_verified")
    # Some issuers write the word.
    if verified in (False, "false") or (wanted.needs_verified and verified not in (True, "true")):
        raise SignInRefused("the issuer has not verified your e-mail address")
    return _text(claims, wanted.email_claim)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise SignInRefused(f"the issuer's token has no {name}")
    return value


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(rs256.decode(part))
    except (ValueError, RecursionError) as error:
        raise SignInRefused("the issuer's token is in no form that we know") from error
    if not isinstance(found, dict):
        raise SignInRefused("the issuer's token is in no form that we know")
    return found
