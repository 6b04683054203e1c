"""Messages of the dead-letter queue, as EventBridge, the Scheduler and Lambda leave them."""

import json
from typing import Any

import pytest

from fmops_cli.dead_letters import UnknownLetterError, letter

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fmops-raise-alert"
EVENT = {"detail-type": "DriftDetected", "detail": {"use_case": "trivia"}}


def message(body: Any, **attributes: str) -> dict[str, Any]:
    return {
        "MessageId": "m1",
        "Body": body if isinstance(body, str) else json.dumps(body),
        "Attributes": {"SentTimestamp": "1700000000500"},
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }


def test_event_that_eventbridge_could_not_deliver() -> None:
    found = letter(
        message(EVENT, TARGET_ARN=FUNCTION, RULE_ARN="r", ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="not allowed")
    )

    assert found.what == "DriftDetected"
    assert found.target == "fmops-raise-alert"
    assert json.loads(found.payload) == EVENT
    assert found.error == "NO_PERMISSIONS: not allowed"
    assert found.sent_at == 1700000000.5


def test_call_that_a_schedule_could_not_make() -> None:
    schedule = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/fmops-reconcile"

    found = letter(message("{}", TARGET_ARN=FUNCTION, SCHEDULE_ARN=schedule, ERROR_CODE="THROTTLING"))

    assert (found.what, found.payload) == ("fmops-reconcile", "{}")


def test_event_that_a_function_could_not_handle() -> None:
    record = {
        "requestContext": {"functionArn": f"{FUNCTION}:$LATEST", "condition": "RetriesExhausted"},
        "requestPayload": EVENT,
        "responsePayload": {"errorType": "ValueError", "errorMessage": "no such thing"},
    }

    found = letter(message(record))

    assert (found.what, found.target) == ("DriftDetected", "fmops-raise-alert")
    assert json.loads(found.payload) == EVENT
    assert found.error == "ValueError: no such thing"


def test_function_that_did_not_answer_is_told_by_its_condition() -> None:
    record = {
        "requestContext": {"functionArn": FUNCTION, "condition": "EventAgeExceeded"},
        "requestPayload": {},
        "responsePayload": None,
    }

    assert letter(message(record)).error == "EventAgeExceeded"


@pytest.mark.parametrize("body", ["no json", "[]", '"text"', "{}", '{"requestPayload": 1, "requestContext": 2}'])
def test_what_nobody_here_has_sent_is_told(body: str) -> None:
    with pytest.raises(UnknownLetterError, match="m1"):
        letter(message(body))
