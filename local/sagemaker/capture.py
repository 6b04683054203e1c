"""Data capture: what an endpoint was asked and answered, as SageMaker writes it to S3."""

import base64
import json
import logging
import random
import threading
import uuid
from datetime import datetime
from typing import Any, NamedTuple

from local.protocol import Aws
from local.sagemaker.records import Record
from local.sagemaker.transfer import S3Place

logger = logging.getLogger(__name__)


class Message(NamedTuple):
    """One half of an exchange."""

    body: bytes
    content_type: str


class Exchange(NamedTuple):
    """One invocation."""

    endpoint: str
    variant: str
    role: str
    asked: Message
    answered: Message
    inference_id: str | None
    custom_attributes: str | None


class _File(NamedTuple):
    """The records that go into one file: those of one variant in one hour."""

    place: S3Place
    role: str
    hour: str


class Capture:
    """Keeps captured records until `flush`."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._records: dict[_File, list[tuple[datetime, str]]] = {}
        # Which exchanges are sampled must be no secret and no pattern: an ordinary generator is right.
        self._random = random.Random()  # noqa: S311

    def add(self, config: Record, exchange: Exchange) -> None:
        """Capture an exchange under an endpoint's DataCaptureConfig, if the sample takes it."""
        if self._random.uniform(0, 100) >= config["InitialSamplingPercentage"]:
            return
        now = self._aws.clock.datetime()
        line = json.dumps(_record(config, exchange, now), ensure_ascii=False)
        base = S3Place.parse(f"{config['DestinationS3Uri'].rstrip('/')}/{exchange.endpoint}/{exchange.variant}")
        file = _File(base, exchange.role, now.strftime("%Y/%m/%d/%H"))
        with self._lock:
            self._records.setdefault(file, []).append((now, line))

    def flush(self) -> None:
        """Write what was captured since the last time, a file for each hour."""
        with self._lock:
            records, self._records = self._records, {}
        for file, lines in records.items():
            first = lines[0][0]
            name = f"{first:%M-%S}-{first.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
            body = "".join(f"{line}\n" for _, line in lines)
            try:
                self._aws.client("s3", file.role or None).put_object(
                    Bucket=file.place.bucket, Key=f"{file.place.key}/{file.hour}/{name}", Body=body.encode()
                )
            except Exception:
                # As on AWS, an endpoint goes on serving when its capture cannot be written.
                logger.exception("captured records are lost", extra={"records": len(lines)})


def _record(config: Record, exchange: Exchange, now: datetime) -> dict[str, Any]:
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _half(config, exchange.asked, "INPUT")
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _half(config, exchange.answered, "OUTPUT")
    metadata: dict[str, Any] = {
        "eventId": str(uuid.uuid4()),
        "inferenceTime": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    if exchange.custom_attributes is not None:
        metadata["customAttributes"] = [exchange.custom_attributes]
    if exchange.inference_id is not None:
        metadata["inferenceId"] = exchange.inference_id
    return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}


def _half(config: Record, message: Message, mode: str) -> dict[str, str]:
    encoding = _encoding(config, message)
    data = base64.b64encode(message.body).decode("ascii") if encoding == "BASE64" else message.body.decode("utf-8")
    return {"observedContentType": message.content_type, "mode": mode, "data": data, "encoding": encoding}


def _encoding(config: Record, message: Message) -> str:
    """JSON and CSV only for the content types that the configuration names; all else is base64, as on AWS."""
    headers = config.get("CaptureContentTypeHeader", {})
    kind = message.content_type.partition(";")[0].strip().lower()
    for encoding, member in (("JSON", "JsonContentTypes"), ("CSV", "CsvContentTypes")):
        if kind in (item.lower() for item in headers.get(member, [])) and _is_text(message.body):
            return encoding
    return "BASE64"


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
