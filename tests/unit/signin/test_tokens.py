"""An id token is believed where its issuer signed it, for us, for this sign-in, now."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from fmops.core.errors import SignInRefused
from fmops.signin import rs256
from fmops.signin.models import Settings
from fmops.signin.tokens import KeyUnknown, read, same_address
from tests.fakes.oidc import CLIENT, Key, b64

ISSUER, NONCE = "https://issuer.example.org", "n-1"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Settings(issuer=ISSUER, client_id=CLIENT)


@pytest.fixture(scope="module")
def key() -> Key:
    return Key("one")


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    right = {
        "iss": ISSUER,
        "sub": "s-1",
        "aud": CLIENT,
        "iat": now - 2,
        "exp": now + 300,
        "nonce": NONCE,
        "email": "ann@example.org",
        "email_verified": True,
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def test_a_genuine_token_names_its_person(key: Key) -> None:
    found = read(key.token(claims()), [key.jwk()], SETTINGS, NONCE, NOW)

    assert (found.identity, found.issuer, found.subject, found.email) == ("oidc", ISSUER, "s-1", "ann@example.org")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "other"], "azp": CLIENT},
        {"email_verified": "true"},
        {"exp": int(NOW.timestamp()) - 30},
    ],
)
def test_what_the_standard_allows_is_taken(key: Key, changes: dict[str, Any]) -> None:
    assert read(key.token(claims(**changes)), [key.jwk()], SETTINGS, NONCE, NOW).subject == "s-1"


SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://issuer.example.org/"}, "another issuer"),
        ({"aud": "other"}, "another application"),
        ({"aud": ["other"]}, "another application"),
        ({"aud": [CLIENT, "other"]}, "another application"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "another application"),
        ({"azp": "other"}, "another application"),
        ({"aud": None}, "another application"),
        ({"nonce": "n-2"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"exp": SECONDS - 61}, "expired"),
        ({"iat": SECONDS - 3600}, "expired"),
        ({"iat": SECONDS + 300}, "not valid yet"),
        ({"nbf": SECONDS + 300}, "not valid yet"),
        ({"exp": None}, "how long"),
        ({"exp": "tomorrow"}, "how long"),
        ({"exp": True}, "how long"),
        ({"email_verified": False}, "not verified"),
        ({"email_verified": None}, "not verified"),
        ({"email": None}, "no email"),
        ({"email": "ann\n@example.org"}, "no email"),
        ({"sub": ""}, "no sub"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(key: Key, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(SignInRefused, match=why):
        read(key.token(claims(**changes)), [key.jwk()], SETTINGS, NONCE, NOW)


def test_an_issuer_at_which_nobody_chooses_an_address_need_not_verify_it(key: Key) -> None:
    settings = SETTINGS.model_copy(update={"needs_verified": False, "email_claim": "preferred_username"})
    token = key.token(claims(email_verified=None, preferred_username="ann@example.com"))

    assert read(token, [key.jwk()], settings, NONCE, NOW).email == "ann@example.com"


def test_alg_none_is_refused(key: Key) -> None:
    body = f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(claims()).encode())}"

    for token in (f"{body}.", key.token(claims(), alg="none"), key.token(claims(), alg="None")):
        with pytest.raises(SignInRefused, match="RS256"):
            read(token, [key.jwk()], SETTINGS, NONCE, NOW)


def test_the_public_key_is_no_secret(key: Key) -> None:
    body = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{b64(json.dumps(claims()).encode())}"
    for secret in (key.jwk()["n"].encode(), rs256.decode(key.jwk()["n"])):
        mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()

        with pytest.raises(SignInRefused, match="RS256"):
            read(f"{body}.{b64(mac)}", [key.jwk()], SETTINGS, NONCE, NOW)


def test_a_changed_claim_breaks_the_signature(key: Key) -> None:
    head, _, signature = key.token(claims()).split(".")
    forged = b64(json.dumps(claims(email="eve@example.org")).encode())

    with pytest.raises(SignInRefused, match="signature"):
        read(f"{head}.{forged}.{signature}", [key.jwk()], SETTINGS, NONCE, NOW)


def test_another_key_of_the_same_name_is_refused(key: Key) -> None:
    with pytest.raises(SignInRefused, match="signature"):
        read(Key("one").token(claims()), [key.jwk()], SETTINGS, NONCE, NOW)


def test_a_key_that_is_not_published_is_unknown(key: Key) -> None:
    with pytest.raises(KeyUnknown):
        read(key.token(claims(), kid="two"), [key.jwk()], SETTINGS, NONCE, NOW)


@pytest.mark.parametrize(
    "change", [{"kty": "EC"}, {"use": "enc"}, {"alg": "RS512"}, {"n": "AQAB"}, {"n": 5}, {"e": "AQ"}, {"e": "!"}]
)
def test_a_key_that_is_unfit_is_not_used(key: Key, change: dict[str, Any]) -> None:
    with pytest.raises(KeyUnknown):
        read(key.token(claims()), [key.jwk() | change], SETTINGS, NONCE, NOW)


def test_a_key_of_1024_bits_is_not_used() -> None:
    weak = Key("weak", 1024)

    with pytest.raises(KeyUnknown):
        read(weak.token(claims()), [weak.jwk()], SETTINGS, NONCE, NOW)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "a.b.c", "!.!.!", "W10.W10.W10", "é.é.é", "x" * 20_000])
def test_rubbish_is_refused(key: Key, token: str) -> None:
    with pytest.raises(SignInRefused):
        read(token, [key.jwk()], SETTINGS, NONCE, NOW)


def test_signatures_agree_with_another_implementation(key: Key) -> None:
    public = rs256.of_jwk(key.jwk())
    assert public is not None
    message = b"signed by the package cryptography"
    good = key.sign(message)

    assert rs256.verify(public, message, good)
    assert not rs256.verify(public, message + b" ", good)
    assert not rs256.verify(public, message, key.private.sign(message, padding.PKCS1v15(), hashes.SHA512()))
    assert not rs256.verify(public, message, good[:-1])
    assert not rs256.verify(public, message, b"\0" + good)
    assert not rs256.verify(public, message, (int.from_bytes(good) + public.n).to_bytes(257))
    assert not any(rs256.verify(public, message, bytes(b ^ (i == n) for i, b in enumerate(good))) for n in range(256))


def test_loose_paddings_are_refused(key: Key) -> None:
    """Encodings that careless checks took: hash to the left with garbage behind it, without NULL, short padding."""
    public = rs256.of_jwk(key.jwk())
    assert public is not None
    digest = hashlib.sha256(b"m").digest()
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
    without_null = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest
    numbers = key.private.private_numbers()
    encodings = [
        b"\x00\x01" + b"\xff" * 8 + b"\x00" + info + bytes(256 - 11 - len(info)),
        b"\x00\x01" + b"\xff" * (253 - len(without_null)) + b"\x00" + without_null,
        b"\x00\x02" + b"\xff" * (253 - len(info)) + b"\x00" + info,
        b"\x00\x01" + b"\xff" * (252 - len(info)) + b"\x00\x00" + info,
    ]

    for encoding in encodings:
        signature = pow(int.from_bytes(encoding), numbers.d, public.n).to_bytes(256)
        assert not rs256.verify(public, b"m", signature)

    right = b"\x00\x01" + b"\xff" * (253 - len(info)) + b"\x00" + info
    assert rs256.verify(public, b"m", pow(int.from_bytes(right), numbers.d, public.n).to_bytes(256))


def test_addresses_are_compared_as_mailboxes() -> None:
    assert same_address("Ann@Example.org ", "ann@example.org")
    assert not same_address("ann@example.org.evil.com", "ann@example.org")
    assert not same_address("", "ann@example.org")
