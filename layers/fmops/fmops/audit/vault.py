"""Signing heads by KMS, and keeping them in a bucket under an object lock."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Literal

from botocore.exceptions import ClientError
from pydantic import ValidationError

from fmops.audit.chain import Row
from fmops.audit.heads import Head, head_of
from fmops.core.ids import canonical_json

_SIGNING: Literal["RSASSA_PKCS1_V1_5_SHA_256"] = "RSASSA_PKCS1_V1_5_SHA_256"


class Vault:
    """The bucket of heads. Only one function may sign, and nobody may remove before the retention's end."""

    def __init__(self, s3: Any, bucket: str) -> None:
        """`s3` is a boto3 client of S3."""
        self._s3, self._bucket = s3, bucket

    def seal(self, kms: Any, key: str, rows: Sequence[Row]) -> bool:
        """Sign and keep the head of these rows, once; whether it was not there before.

        `kms` is a boto3 client of KMS, `key` the ARN of an RSA key for signing.
        """
        head = head_of(rows, key)
        answer = kms.sign(KeyId=key, Message=head.message(), MessageType="RAW", SigningAlgorithm=_SIGNING)
        signed = head.model_copy(update={"signature": base64.b64encode(answer["Signature"]).decode()})
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"{_prefix(head.run_id)}{head.number:06d}.json",
                Body=canonical_json(signed.model_dump(mode="json")).encode(),
                ContentType="application/json",
                # The bucket's default retention locks it, by S3's clock.
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
                raise
            return False
        return True

    def heads(self, run_id: str) -> list[Head]:
        """Every version of every head of a run, oldest first: what was laid over or hidden counts as well.

        An object that is no head comes as one without a signature.
        """
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=_prefix(run_id))
        found = [version for page in pages for version in page.get("Versions", [])]
        found.sort(key=lambda version: (version["Key"], version["LastModified"]))
        return [self._head(run_id, version) for version in found]

    def _head(self, run_id: str, version: dict[str, Any]) -> Head:
        answer = self._s3.get_object(Bucket=self._bucket, Key=version["Key"], VersionId=version["VersionId"])
        try:
            return Head.model_validate(json.loads(answer["Body"].read()))
        except (ValueError, ValidationError):
            return Head(run_id=run_id, number=1, rows=[], key="")


def _prefix(run_id: str) -> str:
    return f"heads/{run_id}/"
