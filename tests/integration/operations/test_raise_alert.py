"""People are told once for each cause, and only what concerns them."""

import json
from pathlib import Path
from typing import Any

import pytest

from fmops.alerts.happenings import HAPPENINGS
from fmops.alerts.topic import recipient_id
from fmops.core import clock, wiring
from fmops.core.events import DatasetRejected, Event, MonitoringCompleted, Problem
from tests.integration.account import Account
from tests.integration.intake.catalogues import Content, Sagemaker, look, team


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


def concerns(mail: dict[str, Any], address: str) -> bool:
    """Whether the subscription of this address lets it through, beside the operators'."""
    return recipient_id(address) in json.loads(mail["MessageAttributes"]["recipient"]["Value"])


def test_a_digest_says_by_reason_what_was_not_evaluated_and_what_to_do(mails: Any, repo: Path) -> None:
    team()
    event = json.loads((repo / "events/models-noticed.json").read_text())

    (mail,) = mails(event["detail-type"], event["detail"])

    assert mail["Subject"] == "trivia: 3 new models of interest, not evaluated"
    assert mail["Message"].startswith(
        """\
New in SageMakerPublicHub, of interest to trivia by its `discovery`, and not evaluated:

5 new models started a run within a week already (discovery.runs_a_week).
- huggingface-llm-new-3b 1.0.0: Hugging Face, licence apache-2.0, 3 billion parameters, can be fine-tuned

Its licence must be accepted first: name it as a candidate with accept_eula.
- meta-textgeneration-new-8b 1.2.0: Meta, 8 billion parameters

And 1 more.

Evaluated now, each in a run of its own:
- huggingface-llm-first 1.0.0

Next: put those that you want evaluated under `candidates` of the use case, then:
fmops use-case add FILE, and fmops run trivia
"""
    )
    assert concerns(mail, "trivia-owner@example.com")
    assert mails(event["detail-type"], event["detail"]) == []


def test_a_withdrawal_says_until_when_the_model_answers_and_what_to_do(mails: Any, repo: Path) -> None:
    team()
    event = json.loads((repo / "events/model-withdrawn.json").read_text())

    (mail,) = mails(event["detail-type"], event["detail"])

    assert mail["Subject"] == "trivia: amazon.nova-lite-v1:0 is deprecated"
    assert mail["Message"].startswith(
        """\
Bedrock calls amazon.nova-lite-v1:0 deprecated. For trivia it is a candidate, or was evaluated when it was new.
It answers until 2026-12-31.
Nothing was stopped by this: what serves goes on for as long as its publisher lets it.

Next: put another candidate into the use case, then: fmops use-case add FILE, and fmops run trivia
"""
    )
    assert "Severity:  WARNING" in mail["Message"]
    assert concerns(mail, "trivia-owner@example.com")


def test_what_a_look_at_the_hub_finds_reaches_the_owner(account: Account, mails: Any) -> None:
    team(model_ids=["new-*"], runs_a_week=1)
    look(account)
    account.events()

    look(account, Sagemaker(Content("m", status="Deprecated"), Content("new-1"), Content("new-2")))
    found = [mail for kind, detail in account.events() if kind in HAPPENINGS for mail in mails(kind, detail)]

    assert [mail["Subject"] for mail in found] == [
        "trivia: 1 new model of interest, not evaluated",
        "trivia: m 1.0.0 is deprecated",
    ]
    assert all(concerns(mail, "trivia-owner@example.com") for mail in found)
