"""Signing and checking links by an HMAC key that never leaves KMS. The sender may only sign, the page only check."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from fmops.core.errors import LinkExpired, LinkInvalid
from fmops.links.claims import Claims, Signed

Keys = Mapping[str, str]
"""The id or ARN of an HMAC_256 key by its version (`v1`). KMS does not rotate such keys by itself."""

_ALGORITHM: Literal["HMAC_SHA_256"] = "HMAC_SHA_256"


class Signer:
    """Makes links. Its function holds `kms:GenerateMac` alone."""

    def __init__(self, kms: Any, keys: Keys) -> None:
        """`kms` is a boto3 client of KMS. The newest key signs."""
        self._kms = kms
        self._version, self._key = max(keys.items(), key=lambda found: int(found[0].removeprefix("v")))

    def sign(self, approval: str, approver: str, expires: datetime) -> str:
        """A fresh token: two for the same claims differ."""
        payload = Claims(approval, approver, expires, secrets.token_hex(6), self._version).payload()
        answer = self._kms.generate_mac(KeyId=self._key, MacAlgorithm=_ALGORITHM, Message=payload)
        return Signed(payload, answer["Mac"]).token()


class Verifier:
    """Checks links. Its function holds `kms:VerifyMac` alone."""

    def __init__(self, kms: Any, keys: Keys) -> None:
        """`kms` is a boto3 client of KMS."""
        self._kms, self._keys = kms, keys

    def verify(self, token: str, now: datetime) -> Claims:
        """What a genuine link says. LinkInvalid for a forged one; LinkExpired for a genuine one past its time."""
        signed = Signed.read(token)
        claims = Claims.read(signed.payload)
        key = self._keys.get(claims.key)
        if key is None:
            raise LinkInvalid("the link was signed by a key that is not known (any more)")
        try:
            self._kms.verify_mac(KeyId=key, MacAlgorithm=_ALGORITHM, Message=signed.payload, Mac=signed.mac)
        except ClientError as error:
            # KMS never answers `MacValid: false`: a wrong code is this error. Any other means that we could not check.
            if error.response["Error"]["Code"] == "KMSInvalidMacException":
                raise LinkInvalid("the link's signature does not hold") from error
            raise
        # Only now: what a forger wrote about time is nobody's business.
        if now >= claims.expires:
            raise LinkExpired("the link is past its time")
        return claims
