"""What happens to objects, as S3 tells it to EventBridge."""

import itertools
import secrets
from collections.abc import Callable
from typing import Any

from local.moto_state import ObjectEvent
from local.protocol import ACCOUNT

_REASONS = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}

Emit = Callable[[str, str, dict[str, Any], list[str]], None]


class ObjectEvents:
    """Emits `Object Created` and `Object Deleted`, with sequencers that rise from event to event."""

    def __init__(self, emit: Emit, now: Callable[[], float]) -> None:
        self._emit = emit
        self._sequence = itertools.count(int(now() * 1_000_000))

    def __call__(self, event: ObjectEvent) -> None:
        _, family, kind = str(event.kind.value).split(":")
        described: dict[str, Any] = {"key": event.key, "etag": event.etag}
        if event.version_id:
            described["version-id"] = event.version_id
        described["sequencer"] = f"{next(self._sequence):018X}"
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": event.bucket},
            "object": described,
            "request-id": secrets.token_hex(8).upper(),
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
        }
        created = family == "ObjectCreated"
        if created:
            described["size"] = event.size
            detail["reason"] = _REASONS[kind]
        else:
            marker = kind == "DeleteMarkerCreated"
            detail |= {
                "reason": "DeleteObject",
                "deletion-type": "Delete Marker Created" if marker else "Permanently Deleted",
            }
        name = "Object Created" if created else "Object Deleted"
        self._emit("aws.s3", name, detail, [f"arn:aws:s3:::{event.bucket}"])
