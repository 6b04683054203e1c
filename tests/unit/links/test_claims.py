"""What a link says survives the way through a URL, and nothing else does."""

from datetime import UTC, datetime

import pytest

from fmops.core.errors import LinkInvalid
from fmops.links.claims import Claims, Signed

CLAIMS = Claims("run-0123456789ab", "a1b2c3d4e5f60718", datetime(2027, 1, 1, tzinfo=UTC), "00112233445566ff")
MAC = bytes(range(32))


def test_claims_are_read_as_they_were_written() -> None:
    token = Signed(CLAIMS.payload(), MAC).token()

    signed = Signed.read(token)

    assert Claims.read(signed.payload) == CLAIMS
    assert signed.mac == MAC


def test_a_token_needs_no_escaping_in_a_url_and_is_short() -> None:
    token = Signed(CLAIMS.payload(), MAC).token()

    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert token.startswith("v1.run-0123456789ab.a1b2c3d4e5f60718.1798761600.")
    assert len(token) < 110


def test_the_payload_is_the_documented_text() -> None:
    assert CLAIMS.payload() == b"v1|run-0123456789ab|a1b2c3d4e5f60718|1798761600|00112233445566ff"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "abc",
        "a.b.c",
        "ä.ö",
        Signed(CLAIMS.payload(), MAC).token().replace(".", "|", 1),
        "a" * 5000,
        Signed(CLAIMS.payload(), MAC).token() + "=",
        Signed(CLAIMS.payload(), MAC).token() + "\n",
        " " + Signed(CLAIMS.payload(), MAC).token(),
        Signed(CLAIMS.payload(), MAC[:31]).token(),
        Signed(CLAIMS.payload(), b"").token(),
    ],
)
def test_a_token_in_another_form_is_invalid(token: str) -> None:
    with pytest.raises(LinkInvalid):
        Signed.read(token)


def test_another_spelling_of_the_same_bytes_is_invalid() -> None:
    token = Signed(CLAIMS.payload(), MAC).token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 32 bytes end in a digit of which two bits carry nothing.
    respelled = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]

    with pytest.raises(LinkInvalid):
        Signed.read(respelled)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"v0|run-1|a|1|00112233",
        b"run-1|a|1|00112233",
        b"v1|run-1|a|1",
        b"v1|run-1|a|1|00112233|more",
        b"v1|run-1|a|-1|00112233",
        b"v1|run 1|a|1|00112233",
        "v1|rün-1|a|1|00112233".encode(),
    ],
)
def test_a_payload_in_another_form_is_invalid(payload: bytes) -> None:
    with pytest.raises(LinkInvalid):
        Claims.read(payload)


def test_claims_that_would_be_read_otherwise_cannot_be_written() -> None:
    with pytest.raises(LinkInvalid):
        CLAIMS._replace(approval="run-1|other").payload()
