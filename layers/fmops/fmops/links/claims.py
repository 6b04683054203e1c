"""What a link says, and how it is written into a URL. No secrets and no keys here."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from datetime import UTC, datetime
from typing import NamedTuple, Self

from fmops.core.errors import LinkInvalid

FIRST_KEY = "v1"
MAC_BYTES = 32
_LONGEST = 1024
_TOKEN = re.compile(r"[a-z0-9.-]+\.[A-Za-z0-9_-]+")
_PAYLOAD = re.compile(r"(v[1-9]\d{0,2})\|([a-z0-9-]{1,80})\|([a-z0-9]{1,40})\|(\d{1,11})\|([0-9a-f]{8,32})")


class Claims(NamedTuple):
    """One approver's right to decide one approval until a moment."""

    approval: str
    approver: str
    """Opaque: no address."""
    expires: datetime
    nonce: str
    key: str = FIRST_KEY
    """The version of the key that signs: a new key is a new version, and links of the old one stay good."""

    def payload(self) -> bytes:
        """The bytes that are signed. LinkInvalid where a part would not be read back as it is."""
        text = f"{self.key}|{self.approval}|{self.approver}|{int(self.expires.timestamp())}|{self.nonce}"
        if not _PAYLOAD.fullmatch(text):
            raise LinkInvalid("a link can't carry these claims")
        return text.encode()

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """The claims of a payload. LinkInvalid for any other bytes."""
        match = _PAYLOAD.fullmatch(payload.decode("ascii", "replace"))
        if not match:
            raise LinkInvalid("the link is not in the form that we write")
        key, approval, approver, expires, nonce = match.groups()
        return cls(approval, approver, datetime.fromtimestamp(int(expires), UTC), nonce, key)


class Signed(NamedTuple):
    """A payload and the code that authenticates it."""

    payload: bytes
    mac: bytes

    def token(self) -> str:
        """The text for a URL: letters, digits, `-`, `_` and dots. It ends in a letter or a digit."""
        # Not base64 for what needs none: the link is to stay short. Mails wrap what is long.
        return f"{self.payload.decode().replace('|', '.')}.{urlsafe_b64encode(self.mac).rstrip(b'=').decode()}"

    @classmethod
    def read(cls, token: str) -> Self:
        """The parts of a token. LinkInvalid where it is not exactly as `token` writes it."""
        if len(token) > _LONGEST or not _TOKEN.fullmatch(token):
            raise LinkInvalid("the link is not in the form that we write")
        payload, _, mac = token.rpartition(".")
        signed = cls(payload.replace(".", "|").encode(), _decode(mac))
        # base64 has more than one text for the same bytes; only ours is taken.
        if len(signed.mac) != MAC_BYTES or signed.token() != token:
            raise LinkInvalid("the link is not in the form that we write")
        return signed


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except BadBase64 as error:
        raise LinkInvalid("the link is not in the form that we write") from error
