"""What lies in the dead-letter queue: for whom each message was, why it was not done, how it is sent again. Pure."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Letter(NamedTuple):
    """An event or a call that did not get through."""

    what: str
    """What happened: an event's detail-type, or the schedule's name."""
    target_arn: str
    """The function or state machine that it was for."""
    payload: str
    """JSON, as the target would have got it."""
    error: str
    sent_at: float
    """When it came into the queue; seconds since 1970."""

    @property
    def target(self) -> str:
        """Its name, without version or alias."""
        return self.target_arn.split(":")[6]


class UnknownLetterError(Exception):
    """A message that nobody here has put into the queue."""


def letter(message: Mapping[str, Any]) -> Letter:
    """Read an SQS message as EventBridge, the Scheduler or Lambda leave it.

    Lambda's failure destination puts all into the body; the two others put the payload there and the rest into
    attributes. UnknownLetterError for anything else.
    """
    told = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    sent_at = int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
    try:
        body = json.loads(message["Body"])
    except ValueError:
        raise UnknownLetterError(f"message {message.get('MessageId')}: its body is no JSON") from None
    if "TARGET_ARN" in told:
        error = f"{told.get('ERROR_CODE', '')}: {told.get('ERROR_MESSAGE', '')}"
        schedule = told.get("SCHEDULE_ARN", "").rpartition("/")[2]
        return Letter(schedule or _named(body), told["TARGET_ARN"], message["Body"], error, sent_at)
    if isinstance(body, dict) and isinstance(body.get("requestContext"), dict) and "requestPayload" in body:
        payload = body["requestPayload"]
        return Letter(
            _named(payload), body["requestContext"]["functionArn"], json.dumps(payload), _failure(body), sent_at
        )
    raise UnknownLetterError(f"message {message.get('MessageId')}: neither an event nor a function's failure")


def _named(payload: object) -> str:
    if isinstance(payload, Mapping) and isinstance(payload.get("detail-type"), str):
        return str(payload["detail-type"])
    return "call"


def _failure(record: Mapping[str, Any]) -> str:
    answer = record.get("responsePayload")
    if isinstance(answer, Mapping) and "errorMessage" in answer:
        return f"{answer.get('errorType', 'error')}: {answer['errorMessage']}"
    return str(record["requestContext"].get("condition", "failed"))
