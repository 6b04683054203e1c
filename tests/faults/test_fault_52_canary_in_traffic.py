"""Fault 52: traffic holds what names a person. It stands in no log, metric, event, ledger, dead letter or mail."""

import json
from collections.abc import Iterator

import boto3
import pytest

from tests.integration.account import ARTIFACTS, Account
from tests.integration.monitoring.test_window import TASK, capture, judge, put_capture
from tests.integration.monitoring.test_window import watched as watched

MAIL, CARD, WORD = "carla.canary@example.org", "4111 1111 1111 1111", "Quetzalcoatlus"
CANARIES = (MAIL, "carla", CARD, "4111111111111111", WORD)


@pytest.fixture
def told(watched: Account) -> Iterator[list[str]]:
    """All that anybody is mailed."""
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    watched.sns.subscribe(TopicArn=watched.alerts_topic, Protocol="sqs", Endpoint=arn)
    found: list[str] = []
    yield found
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert found
    assert not leaks("\n".join(found))


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


def lines() -> list[str]:
    """Traffic that drifts, is toxic, can't be read in places, and speaks of a person."""
    toxic = [
        capture(
            str(n),
            f"my name is {MAIL}, card {CARD}, tell my fucking neighbour about {WORD}",
            f"you idiot {MAIL} {WORD} " * 6,
        )
        for n in range(60)
    ]
    return [*toxic, f'{{"captureData": {{"endpointInput": {{"data": "{MAIL} {WORD}', f"{MAIL} {CARD} {WORD}"]


def test_fault_52_a_canary_in_traffic_reaches_nobody(
    watched: Account, told: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_capture(watched, "05", lines())

    answer, events = judge(watched, [0.9] * 60)
    raised = watched.handler("operations/raise_alert")
    for kind, detail in events:
        raised({"detail-type": kind, "detail": detail}, None)

    assert answer["verdict"] == "ALARM"
    # The metrics are log lines too.
    seen = capsys.readouterr()
    assert '"ToxicShare"' in seen.out
    ledger = json.dumps(watched.records("USECASE#trivia"), default=str)
    # What is dead-lettered is an event, or the input of a state: never more.
    for text in (seen.out, seen.err, json.dumps(answer), json.dumps(events), ledger, json.dumps(TASK)):
        assert not leaks(text)


def test_fault_52_an_object_that_changed_fails_without_telling_what_it_holds(
    watched: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    put_capture(watched, "05", lines())
    plan = watched.handler("monitoring/plan_window")(TASK, None)
    objects = json.loads(watched.s3.get_object(Bucket=plan["bucket"], Key=plan["key"])["Body"].read())
    shared = {name: TASK[name] for name in ("use_case", "window_start", "window_hours")}

    with pytest.raises(Exception, match="changed after the window was planned") as failed:
        watched.handler("monitoring/profile_records")(
            {"BatchInput": shared, "Items": [{**objects[0], "etag": "other"}]}, None
        )

    seen = capsys.readouterr()
    assert not leaks(str(failed.value) + seen.out + seen.err)


def test_fault_52_what_explains_a_drift_is_masked_and_what_can_not_be_read_stays_in_quarantine(
    watched: Account,
) -> None:
    put_capture(watched, "05", lines())

    judge(watched, [0.9] * 60)

    root = "monitoring/trivia/2026-11-24T0500Z"
    explained = watched.s3.get_object(Bucket=ARTIFACTS, Key=f"{root}/explanation.json")["Body"].read().decode()
    assert MAIL not in explained
    assert CARD not in explained
    assert "[email]" in explained
    kept = watched.s3.list_objects_v2(Bucket=ARTIFACTS, Prefix="monitoring/trivia/quarantine/")["KeyCount"]
    assert kept == 1
