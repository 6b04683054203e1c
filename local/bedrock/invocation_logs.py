"""Invocation logging: every call of a model, as Bedrock writes it to S3, where the account has that switched on."""

import gzip
import json
import logging
import threading
import uuid
from datetime import datetime
from typing import Any, NamedTuple

from local.protocol import ACCOUNT, REGION, Aws, AwsError

logger = logging.getLogger(__name__)

_LOGS = f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}"


class Call(NamedTuple):
    """One call of Converse, and what became of it."""

    model_id: str
    """As it was asked for; an inference profile's ARN."""
    identity: str
    request: dict[str, Any]
    response: dict[str, Any] | None
    error: str | None


class InvocationLogs:
    """The account's configuration, and what is to be written under it. Safe to use from any thread."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._configuration: dict[str, Any] = {}
        self._lines: dict[str, list[str]] = {}
        """By the hour, as keys have it."""

    @property
    def configuration(self) -> dict[str, Any]:
        """Empty where nothing is logged."""
        return self._configuration

    def configure(self, configuration: dict[str, Any]) -> None:
        """Log to a bucket from now on. AwsError `ValidationException` where it can't be written to."""
        if "s3Config" not in configuration:
            raise AwsError("ValidationException", "the embedded AWS logs invocations to S3 only")
        self.flush()
        try:
            self._put(configuration, f"{_LOGS}/amazon-bedrock-logs-permission-check", b"")
        except Exception as error:
            bucket = configuration["s3Config"]["bucketName"]
            message = f"Failed to validate permissions for log group or S3 bucket {bucket}: {error}"
            raise AwsError("ValidationException", message) from error
        self._configuration = configuration

    def stop_logging(self) -> None:
        self.flush()
        self._configuration = {}

    def add(self, call: Call) -> None:
        if not self._configuration.get("textDataDeliveryEnabled"):
            return
        now = self._aws.clock.datetime()
        line = json.dumps(_record(call, now), ensure_ascii=False)
        with self._lock:
            self._lines.setdefault(f"{now:%Y/%m/%d/%H}", []).append(line)

    def flush(self) -> None:
        """Write what was called since the last time, a file for each hour."""
        with self._lock:
            found, self._lines = self._lines, {}
        for hour, lines in found.items():
            name = f"{self._aws.clock.datetime():%Y%m%dT%H%M%S%f}Z_{uuid.uuid4().hex[:16]}.json.gz"
            body = gzip.compress("".join(f"{line}\n" for line in lines).encode())
            try:
                self._put(self._configuration, f"{_LOGS}/{hour}/{name}", body)
            except Exception:
                # As on AWS, models go on answering when their log cannot be written.
                logger.exception("logged invocations are lost", extra={"records": len(lines)})

    def _put(self, configuration: dict[str, Any], key: str, body: bytes) -> None:
        place = configuration["s3Config"]
        prefix = place.get("keyPrefix", "").strip("/")
        whole = f"{prefix}/{key}" if prefix else key
        self._aws.client("s3").put_object(Bucket=place["bucketName"], Key=whole, Body=body)


def _record(call: Call, now: datetime) -> dict[str, Any]:
    asked = {name: value for name, value in call.request.items() if name not in ("modelId", "requestMetadata")}
    usage = (call.response or {}).get("usage", {})
    record: dict[str, Any] = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": ACCOUNT,
        "region": REGION,
        "requestId": str(uuid.uuid4()),
        "operation": "Converse",
        "modelId": call.model_id,
        "identity": {"arn": call.identity},
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": asked,
            "inputTokenCount": usage.get("inputTokens", 0),
        },
    }
    if call.request.get("requestMetadata"):
        record["requestMetadata"] = call.request["requestMetadata"]
    if call.error:
        return {**record, "errorCode": call.error}
    return {
        **record,
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": call.response,
            "outputTokenCount": usage.get("outputTokens", 0),
        },
    }
