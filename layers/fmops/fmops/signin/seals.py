"""What we keep in a browser, sealed by an HMAC key that never leaves KMS: nobody else can make or change it."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from fmops.core.errors import SealBroken
from fmops.core.ids import canonical_json
from fmops.signin import rs256

_ALGORITHM: Literal["HMAC_SHA_256"] = "HMAC_SHA_256"
# Browsers keep cookies of up to 4,096 bytes, KMS authenticates messages of up to 4,096.
_LONGEST = 3800
_MAC_BYTES = 32


class Sealer:
    """Makes seals. Its function holds `kms:GenerateMac`; the pages' functions do not."""

    def __init__(self, kms: Any, key: str) -> None:
        """`kms` is a boto3 client of KMS, `key` the ARN of an HMAC_256 key for this purpose alone."""
        self._kms, self._key = kms, key

    def seal(self, purpose: str, content: dict[str, Any], expires: datetime) -> str:
        """Text for a cookie: letters, digits, `-`, `_` and one dot. ValueError where it would be too long to keep."""
        payload = canonical_json({"purpose": purpose, "expires": int(expires.timestamp()), "content": content}).encode()
        mac = self._kms.generate_mac(KeyId=self._key, MacAlgorithm=_ALGORITHM, Message=payload)["Mac"]
        text = f"{_encode(payload)}.{_encode(mac)}"
        if len(text) > _LONGEST:
            raise ValueError(f"a seal of {len(text)} characters is more than a cookie holds")
        return text


class Opener:
    """Checks seals. Its function holds `kms:VerifyMac` alone."""

    def __init__(self, kms: Any, key: str) -> None:
        self._kms, self._key = kms, key

    def open(self, purpose: str, text: str, now: datetime) -> dict[str, Any]:
        """What was sealed for this purpose. SealBroken where it is forged, for another purpose, or past its time."""
        payload, dot, mac = text.partition(".")
        try:
            if not dot or len(text) > _LONGEST:
                raise SealBroken("no seal of ours")
            message, code = rs256.decode(payload), rs256.decode(mac)
            if not message or len(code) != _MAC_BYTES:
                raise SealBroken("no seal of ours")
            self._kms.verify_mac(KeyId=self._key, MacAlgorithm=_ALGORITHM, Message=message, Mac=code)
            found = json.loads(message)
        except ClientError as error:
            # Any other error means that we could not check.
            if error.response["Error"]["Code"] != "KMSInvalidMacException":
                raise
            raise SealBroken("the seal does not hold") from error
        except ValueError as error:
            raise SealBroken("no seal of ours") from error
        if found["purpose"] != purpose or now.timestamp() >= found["expires"]:
            raise SealBroken("the seal is for another purpose, or past its time")
        content: dict[str, Any] = found["content"]
        return content


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
