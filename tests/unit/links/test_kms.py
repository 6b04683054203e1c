"""Only the key's holder can make a link, and only until its time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fmops.core.errors import LinkExpired, LinkInvalid
from fmops.links.claims import Signed
from fmops.links.kms import Signer, Verifier

NOW = datetime(2026, 11, 24, 4, 18, tzinfo=UTC)
EXPIRES = NOW + timedelta(days=7)


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("kms", "us-east-1")


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"])


def test_a_signed_link_says_what_was_signed(kms: Any, key: str) -> None:
    token = Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES)

    claims = Verifier(kms, {"v1": key}).verify(token, NOW)

    assert (claims.approval, claims.approver, claims.expires) == ("run-1", "ann", EXPIRES)


def test_two_links_for_the_same_claims_differ(kms: Any, key: str) -> None:
    signer = Signer(kms, {"v1": key})

    assert signer.sign("run-1", "ann", EXPIRES) != signer.sign("run-1", "ann", EXPIRES)


def test_changed_claims_are_invalid(kms: Any, key: str) -> None:
    signed = Signed.read(Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES))
    forged = signed._replace(payload=signed.payload.replace(b"|ann|", b"|bob|")).token()

    with pytest.raises(LinkInvalid):
        Verifier(kms, {"v1": key}).verify(forged, NOW)


def test_every_flipped_bit_of_the_signature_is_invalid(kms: Any, key: str) -> None:
    signed = Signed.read(Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES))
    verifier = Verifier(kms, {"v1": key})

    for position in range(0, 256, 17):
        flipped = bytearray(signed.mac)
        flipped[position // 8] ^= 1 << (position % 8)
        with pytest.raises(LinkInvalid):
            verifier.verify(signed._replace(mac=bytes(flipped)).token(), NOW)


def test_a_link_of_another_key_is_invalid(kms: Any, key: str) -> None:
    other = str(kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"])

    with pytest.raises(LinkInvalid):
        Verifier(kms, {"v1": key}).verify(Signer(kms, {"v1": other}).sign("run-1", "ann", EXPIRES), NOW)


def test_a_genuine_link_expires_at_its_second(kms: Any, key: str) -> None:
    token = Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES)
    verifier = Verifier(kms, {"v1": key})

    assert verifier.verify(token, EXPIRES - timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        verifier.verify(token, EXPIRES)


def test_a_forged_link_past_its_time_is_invalid_and_not_expired(kms: Any, key: str) -> None:
    signed = Signed.read(Signer(kms, {"v1": key}).sign("run-1", "ann", NOW - timedelta(days=1)))
    forged = signed._replace(payload=signed.payload.replace(b"|ann|", b"|bob|")).token()

    with pytest.raises(LinkInvalid):
        Verifier(kms, {"v1": key}).verify(forged, NOW)


def test_links_of_an_older_key_stay_good_beside_the_new_one(kms: Any, key: str) -> None:
    newer = str(kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"])
    old = Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES)
    both = {"v9": key, "v10": newer}

    new = Signer(kms, both).sign("run-1", "ann", EXPIRES)

    assert new.startswith("v10.")
    assert Verifier(kms, both).verify(new, NOW).key == "v10"
    assert Verifier(kms, {"v1": key, "v2": newer}).verify(old, NOW).key == "v1"


def test_a_link_of_a_key_that_was_taken_away_is_invalid(kms: Any, key: str) -> None:
    token = Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES)

    with pytest.raises(LinkInvalid, match="key"):
        Verifier(kms, {"v2": key}).verify(token, NOW)


def test_a_link_cannot_be_moved_to_another_key(kms: Any, key: str) -> None:
    token = Signer(kms, {"v1": key}).sign("run-1", "ann", EXPIRES)

    with pytest.raises(LinkInvalid):
        Verifier(kms, {"v1": key, "v2": key}).verify(token.replace("v1.", "v2.", 1), NOW)
