"""A stack that is deleted stops what it started and tells of what serves on."""

import json
from typing import Any

import boto3
import pytest

from fmops.core import wiring
from fmops.deployment import custom_resource
from fmops.launches import records
from tests.integration.account import ARTIFACTS
from tests.integration.evaluation.conftest import PREFIX, Evaluation, evaluation

__all__ = ["evaluation"]
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:fmops-evaluation"


@pytest.fixture
def delete(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Delete the stack; the mails that operators got."""
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="mails")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    evaluation.account.sns.subscribe(TopicArn=evaluation.account.alerts_topic, Protocol="sqs", Endpoint=arn)
    answers: list[dict[str, Any]] = []
    monkeypatch.setattr(custom_resource.serve, "__defaults__", (lambda _, body: answers.append(json.loads(body)),))

    def ask(kind: str = "Delete") -> list[str]:
        event = {
            "RequestType": kind,
            "ResponseURL": "https://answers.invalid",
            "StackId": "stack",
            "RequestId": "1",
            "LogicalResourceId": "Leaving",
            "PhysicalResourceId": "Leaving",
            "ResourceProperties": {"Machines": [MACHINE]},
        }
        evaluation.account.handler("operations/leave")(event, None)
        assert answers[-1]["Status"] == "SUCCESS"
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [str(json.loads(one["Body"])["Message"]) for one in found]

    return ask


def test_what_evaluations_started_is_stopped_and_production_is_told_of(evaluation: Evaluation, delete: Any) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")
    evaluation.wait("start_inference", "base", "token-2")
    production = f"{PREFIX}-trivia"
    evaluation.sagemaker.things["endpoint"][production] = {"EndpointName": production, "EndpointStatus": "InService"}
    evaluation.states.running = ["arn:aws:states:us-east-1:123456789012:execution:fmops-evaluation:run-1"]

    (mail,) = delete()

    assert evaluation.sagemaker.running() == [production]
    assert evaluation.states.stopped == evaluation.states.running
    assert records.open_jobs(wiring.ledger()) == []
    assert "THESE ENDPOINTS GO ON SERVING" in mail
    assert f"aws sagemaker delete-endpoint --endpoint-name {production}" in mail
    assert evaluation.account.s3.list_objects_v2(Bucket=ARTIFACTS)["KeyCount"] > 0


def test_where_nothing_is_left_the_mail_says_so(delete: Any) -> None:
    (mail,) = delete()

    assert "No endpoint of it is left." in mail


def test_a_deployment_stops_nothing(evaluation: Evaluation, delete: Any) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")

    assert delete("Create") == delete("Update") == []
    assert len(evaluation.sagemaker.running()) == 1
