"""People are told once for each cause, and only what concerns them."""

import json
from pathlib import Path
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.events import DatasetRejected, Event, MonitoringCompleted, Problem
from tests.integration.account import Account


@pytest.fixture
def mails(account: Account) -> Any:
    """Deliver an event; the messages that were published since the last call."""
    sqs = __import__("boto3").client("sqs")
    queue = sqs.create_queue(QueueName="mails")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    account.sns.subscribe(TopicArn=account.alerts_topic, Protocol="sqs", Endpoint=arn)
    handler = account.handler("operations/raise_alert")

    def deliver(kind: str, detail: dict[str, Any]) -> list[dict[str, Any]]:
        handler({"detail-type": kind, "detail": detail}, None)
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    return deliver


def of(event: Event) -> tuple[str, dict[str, Any]]:
    return event.kind, event.model_dump(mode="json")


REJECTED = DatasetRejected(
    run_id="",
    use_case="",
    dataset="trivia",
    version="v1",
    bucket="b",
    key="datasets/trivia/v1/manifest.json",
    owner="owner@example.com",
    problems=[Problem(file="rows.jsonl", line=3, problem="the line is no JSON", advice="mend it")],
    problem_count=7,
)


def test_a_rejection_says_file_line_and_what_to_do(mails: Any) -> None:
    (mail,) = mails(*of(REJECTED))

    assert mail["Subject"] == "Dataset trivia rejected: the line is no JSON"
    assert "- rows.jsonl, line 3: the line is no JSON. To do: mend it." in mail["Message"]
    assert "and 6 more" in mail["Message"]


def test_the_same_cause_is_told_once(account: Account, mails: Any) -> None:
    assert len(mails(*of(REJECTED))) == 1
    assert mails(*of(REJECTED)) == []
    assert [kind for kind, _ in account.events()] == ["AlertRaised"]


def test_a_failed_journey_is_told_with_its_cause_and_a_good_one_is_not(repo: Path, mails: Any) -> None:
    event = json.loads((repo / "events/execution-failed.json").read_text())
    change = {**event["detail"], "cause": "the job\nran out of memory"}

    (mail,) = mails("Step Functions Execution Status Change", change)

    assert mail["Subject"] == "ALARM trivia: evaluation failed: JobFailed"
    assert "Cause: the job ran out of memory" in mail["Message"]
    assert mails("Step Functions Execution Status Change", {**change, "status": "SUCCEEDED"}) == []


@pytest.mark.parametrize("verdict,told", [("OK", 0), ("ALARM", 0), ("INSUFFICIENT_DATA", 1)])
def test_a_window_that_could_not_be_judged_is_told(mails: Any, verdict: Any, told: int) -> None:
    event = MonitoringCompleted(run_id="w", use_case="trivia", window="2026-11-24T04", records=2, verdict=verdict)

    assert len(mails(*of(event))) == told


def test_a_hostile_name_makes_no_second_line_in_the_subject(mails: Any) -> None:
    hostile = REJECTED.model_copy(update={"dataset": "x\r\nBcc: everybody@example.com" + "y" * 500})

    (mail,) = mails(*of(hostile))

    assert "\n" not in mail["Subject"]
    assert len(mail["Subject"]) < 100


def test_a_mail_that_could_not_be_sent_is_sent_the_next_time(
    account: Account, mails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMOPS_ALERTS_TOPIC", "arn:aws:sns:us-east-1:123456789012:missing")
    with pytest.raises(Exception, match="does not exist"):
        mails(*of(REJECTED))
    monkeypatch.setenv("FMOPS_ALERTS_TOPIC", account.alerts_topic)

    assert len(mails(*of(REJECTED))) == 1
    assert wiring.ledger().of_kind("alert")[0]["created_at"] <= clock.iso(clock.now())


def test_an_image_that_could_not_be_built_is_told_with_its_log(mails: Any, repo: Path) -> None:
    event = json.loads((repo / "events" / "image-build-failed.json").read_text())

    (mail,) = mails(event["detail-type"], event["detail"])

    assert mail["Subject"] == "ALARM The image evaluate could not be built"
    assert "fmops images --build" in mail["Message"]
    assert "https://console.aws.amazon.com/" in mail["Message"]
    assert mails(event["detail-type"], {**event["detail"], "build-status": "SUCCEEDED"}) == []
