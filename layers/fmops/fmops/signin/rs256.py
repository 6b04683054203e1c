"""RS256 (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017 section 8.2.2): checking signatures with a public key.

Only public values are handled, so nothing here needs to take the same time for every input. The expected encoding is
made and compared as a whole; nothing of the signature is parsed, which is where such checks went wrong before.
"""

import hashlib
import re
from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from typing import Any, NamedTuple

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_LEAST_BITS, _MOST_BITS = 2048, 8192
# DigestInfo of SHA-256 up to the digest itself (RFC 8017 section 9.2, note 1).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


class PublicKey(NamedTuple):
    """Modulus and exponent of an RSA key."""

    n: int
    e: int


def verify(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the message is by this key."""
    length = (key.n.bit_length() + 7) // 8
    number = int.from_bytes(signature)
    if len(signature) != length or number >= key.n:
        return False
    digest = _SHA256 + hashlib.sha256(message).digest()
    expected = b"\x00\x01" + b"\xff" * (length - len(digest) - 3) + b"\x00" + digest
    return pow(number, key.e, key.n).to_bytes(length) == expected


def of_jwk(jwk: Mapping[str, Any]) -> PublicKey | None:
    """The key of a JSON Web Key; None where it is not an RSA key for signatures, or too weak to trust."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        key = PublicKey(_number(jwk["n"]), _number(jwk["e"]))
    except (KeyError, TypeError, ValueError):
        return None
    strong = (
        _LEAST_BITS <= key.n.bit_length() <= _MOST_BITS and key.n % 2 == 1 and 3 <= key.e < 2**33 and key.e % 2 == 1
    )
    return key if strong else None


def decode(text: object) -> bytes:
    """Base64url without padding, as JOSE has it. ValueError for anything else."""
    # Python's decoder passes over what is no letter of the alphabet.
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("no base64url")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except BadBase64 as error:
        raise ValueError("no base64url") from error


def _number(text: object) -> int:
    return int.from_bytes(decode(text))
