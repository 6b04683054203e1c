"""Fault 34: a link or its signature was changed on the way, by one bit."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from tests.integration.approval.conftest import Desk


def test_fault_34_any_flipped_bit_is_refused(desk: Desk, asked: dict[str, str]) -> None:
    payload, _, mac = asked["ann"].rpartition(".")
    signature = urlsafe_b64decode(mac + "=")

    for bit in range(0, 256, 51):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << (bit % 8)
        token = f"{payload}.{urlsafe_b64encode(changed).rstrip(b'=').decode()}"
        assert desk.approve(token)["statusCode"] == 403
    for place in range(0, len(payload), 9):
        changed_payload = payload[:place] + chr(ord(payload[place]) ^ 1) + payload[place + 1 :]
        assert desk.approve(f"{changed_payload}.{mac}")["statusCode"] == 403

    assert desk.approval["status"] == "pending"
    assert desk.approve(asked["ann"])["statusCode"] == 200
