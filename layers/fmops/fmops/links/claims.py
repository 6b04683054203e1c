"""What a link says, and how it is written into a URL. No secrets and no keys here."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from datetime import UTC, datetime
from typing import NamedTuple, Self

from fmops.core.errors import LinkInvalid

# Names the format of the payload and the key that signed it: another key is another version.
VERSION = "v1"
MAC_BYTES = 32
_LONGEST = 1024
_PAYLOAD = re.compile(r"([a-z0-9-]{1,80})\|([a-z0-9]{1,40})\|(\d{1,11})\|([0-9a-f]{8,32})")


class Claims(NamedTuple):
    """One approver's right to decide one approval until a moment."""

    approval: str
    approver: str
    """Opaque: no address."""
    expires: datetime
    nonce: str

    def payload(self) -> bytes:
        """The bytes that are signed. LinkInvalid where a part would not be read back as it is."""
        body = f"{self.approval}|{self.approver}|{int(self.expires.timestamp())}|{self.nonce}"
        if not _PAYLOAD.fullmatch(body):
            raise LinkInvalid("a link can't carry these claims")
        return f"{VERSION}|{body}".encode()

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """The claims of a payload. LinkInvalid for any other bytes."""
        version, _, body = payload.decode("ascii", "replace").partition("|")
        match = _PAYLOAD.fullmatch(body)
        if version != VERSION or not match:
            raise LinkInvalid("the link is not in the form that we write")
        approval, approver, expires, nonce = match.groups()
        return cls(approval, approver, datetime.fromtimestamp(int(expires), UTC), nonce)


class Signed(NamedTuple):
    """A payload and the code that authenticates it."""

    payload: bytes
    mac: bytes

    def token(self) -> str:
        """The text for a URL: letters, digits, `-`, `_` and one dot."""
        return f"{_encode(self.payload)}.{_encode(self.mac)}"

    @classmethod
    def read(cls, token: str) -> Self:
        """The parts of a token. LinkInvalid where it is not exactly as `token` writes it."""
        if len(token) > _LONGEST:
            raise LinkInvalid("the link is too long")
        payload, dot, mac = token.partition(".")
        signed = cls(_decode(payload), _decode(mac))
        # base64 has more than one text for the same bytes; only ours is taken.
        if not dot or len(signed.mac) != MAC_BYTES or signed.token() != token:
            raise LinkInvalid("the link is not in the form that we write")
        return signed


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (BadBase64, UnicodeEncodeError) as error:
        raise LinkInvalid("the link is not in the form that we write") from error
