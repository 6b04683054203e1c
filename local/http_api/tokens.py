"""Checks the tokens of an OpenID Connect issuer as JWT authorizers do: signature, issuer, audience and times."""

import base64
import json
import time
import urllib.request
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_TIMEOUT_SECONDS: Final = 5
_LARGEST: Final = 512 * 1024
# RSA with SHA-2 is all that JWT authorizers take.
_HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "RS256": hashes.SHA256,
    "RS384": hashes.SHA384,
    "RS512": hashes.SHA512,
}
_WEB: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class BadToken(Exception):
    """There is no token, or none to be believed."""


def verified(header: str, issuer: str, audiences: Sequence[str]) -> dict[str, Any]:
    """The claims of a token, with or without `Bearer` before it."""
    token = header.removeprefix("Bearer ").strip()
    parts = token.split(".")
    if len(parts) != 3:
        raise BadToken("there is no JSON Web Token in the header Authorization")
    head, claims = _object(parts[0]), _object(parts[1])
    _must_be_signed(f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2]), head, issuer)
    if claims.get("iss") != issuer:
        raise BadToken("the token is another issuer's")
    # Access tokens of some issuers name the client instead of an audience.
    named = claims.get("aud", claims.get("client_id"))
    if not set(named if isinstance(named, list) else [named]) & set(audiences):
        raise BadToken("the token is for another audience")
    now = time.time()
    if _moment(claims, "exp", 0) <= now or _moment(claims, "nbf", now) > now or _moment(claims, "iat", now) > now:
        raise BadToken("the token has expired, or is not valid yet")
    return claims


def _must_be_signed(message: bytes, signature: bytes, head: dict[str, Any], issuer: str) -> None:
    made = _HASHES.get(str(head.get("alg")))
    if made is None:
        raise BadToken("the token is not signed by RSA")
    for jwk in _keys(issuer):
        if jwk.get("kid") == head.get("kid") and jwk.get("kty") == "RSA":
            key = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
            try:
                key.verify(signature, message, padding.PKCS1v15(), made())
            except InvalidSignature as error:
                raise BadToken("the token's signature does not hold") from error
            return
    raise BadToken("the issuer does not publish the token's key")


def _keys(issuer: str) -> list[dict[str, Any]]:
    about = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    keys: list[dict[str, Any]] = _asked(str(about.get("jwks_uri"))).get("keys", [])
    return keys


def _asked(url: str) -> dict[str, Any]:
    try:
        with _WEB.open(url, timeout=_TIMEOUT_SECONDS) as answer:
            found = json.loads(answer.read(_LARGEST))
    except (OSError, ValueError) as error:
        raise BadToken(f"{url} does not answer") from error
    if not isinstance(found, dict):
        raise BadToken(f"{url} answers in no known form")
    return found


def _moment(claims: dict[str, Any], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"the token's {name} is no time")
    return float(value)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(part))
    except ValueError as error:
        raise BadToken("the token is in no known form") from error
    if not isinstance(found, dict):
        raise BadToken("the token is in no known form")
    return found


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text))


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (BadBase64, ValueError) as error:
        raise BadToken("the token is in no known form") from error
