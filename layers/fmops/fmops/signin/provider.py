"""The issuer over HTTPS: what it says of itself, its keys, and a code for a token."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fmops.core.errors import SignInRefused, SignInUnavailable
from fmops.signin import tokens
from fmops.signin.models import Principal, Settings, Transaction

_TIMEOUT_SECONDS = 5
_LARGEST_ANSWER = 512 * 1024
_KEPT = timedelta(hours=1)
# A token that names an unknown key has the keys fetched anew, so often at most.
_KEYS_KEPT = timedelta(seconds=30)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class _Refusing(urllib.request.HTTPRedirectHandler):
    """An issuer answers where it says it does; who sends us elsewhere is not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


_WEB = urllib.request.build_opener(_Refusing, urllib.request.ProxyHandler({}))


class Provider:
    """One issuer, with what it published kept for an hour."""

    def __init__(self, settings: Settings, secret: str | None = None) -> None:
        """`secret` is the client's, for issuers that want one beside PKCE."""
        self._settings, self._secret = settings, secret
        self._about: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, list[Mapping[str, Any]]] | None = None

    def authorization_url(self, begun: Transaction, challenge: str, now: datetime) -> str:
        """Where the person signs in. SignInUnavailable where the issuer does not answer."""
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": begun.redirect_uri,
            "scope": "openid email profile" if self._settings.email_claim != "email" else "openid email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = self._endpoint("authorization_endpoint", now)
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(query)}"

    def principal(self, code: str, begun: Transaction, now: datetime) -> Principal:
        """Who signed in. SignInRefused where the issuer or the token says no."""
        token = self._token(code, begun, now)
        try:
            return tokens.read(token, self._jwks(now, _KEPT), self._settings, begun.nonce, now)
        except tokens.KeyUnknown:
            return tokens.read(token, self._jwks(now, _KEYS_KEPT), self._settings, begun.nonce, now)

    def _token(self, code: str, begun: Transaction, now: datetime) -> str:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
            "client_id": self._settings.client_id,
            "code_verifier": begun.verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if self._secret:
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = _ask(self._endpoint("token_endpoint", now), urlencode(fields).encode(), headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("the issuer gave no id token")
        return token

    def _jwks(self, now: datetime, kept: timedelta) -> list[Mapping[str, Any]]:
        if self._keys is None or not timedelta() <= now - self._keys[0] < kept:
            found = _ask(self._endpoint("jwks_uri", now)).get("keys")
            keys: list[Mapping[str, Any]] = (
                [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []
            )
            self._keys = (now, keys)
            return keys
        return self._keys[1]

    def _endpoint(self, name: str, now: datetime) -> str:
        if self._about is None or not timedelta() <= now - self._about[0] < _KEPT:
            about = _ask(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self._settings.issuer:
                raise SignInUnavailable("the issuer calls itself otherwise than the parameter OidcIssuer does")
            self._about = now, about
        place = self._about[1].get(name)
        if not isinstance(place, str) or not is_safe(place):
            raise SignInUnavailable(f"the issuer names no {name} that we may use")
        return place


def is_safe(url: str) -> bool:
    """HTTPS; or HTTP to this very machine, where an issuer for trying it out may run."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that the issuer answers. SignInRefused where it says no, SignInUnavailable for no answer."""
    if not is_safe(url):
        raise SignInUnavailable("the issuer is not asked but by HTTPS")
    request = urllib.request.Request(url, body, {"accept": "application/json", **(headers or {})})  # noqa: S310
    try:
        with _WEB.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            found = json.loads(answer.read(_LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        error.close()
        if body is not None and 400 <= error.code < 500:
            raise SignInRefused("the issuer did not take the code: it was used before, or is too old") from error
        raise SignInUnavailable(f"the issuer answers with status {error.code}") from error
    except (OSError, ValueError) as error:
        raise SignInUnavailable("the issuer does not answer") from error
    if not isinstance(found, dict):
        raise SignInUnavailable("the issuer answers in no form that we know")
    return found
