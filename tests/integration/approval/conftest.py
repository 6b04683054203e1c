"""A run whose winner waits for approval, and the approval's functions around it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.core.ledger import Key
from fmops.links.people import Topic
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.integration.account import ARTIFACTS, Account
from tests.integration.doubles import SageMakerDouble, Tasks, standing_in

RUN = "run-0123456789ab"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1"
DIGEST = "sha256:" + "ab" * 32
MACHINE = "arn:aws:states:us-east-1:123456789012"
SHORT_NAME = "tuned"
FIRST_TOKEN = "-".join(("token", "1"))
ANN, BOB = "ann@example.org", "bob@example.org"

USE_CASE = {
    "name": "trivia",
    "owner": "owner@example.org",
    "task": "question_answering",
    "datasets": ["trivia"],
    "candidates": [{"id": SHORT_NAME, "model_id": "llm", "instance_type": "ml.g5.xlarge"}],
    "metrics": [{"name": "f1", "weight": 1.0}],
    "approvers": [ANN, BOB],
    "budget": {"run_usd": 10, "month_usd": 100},
    "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.xlarge"},
}


def report(**changes: Any) -> dict[str, Any]:
    """A report that promotes the candidate `tuned` over `base`."""
    number = {"value": 0.4, "low": 0.3, "high": 0.5, "n": 100}
    candidate = {
        "kind": "base",
        "model_id": "llm",
        "model_version": "1.0.0",
        "is_champion": False,
        "metrics": {"f1": {**number, "missing": 0}},
        "utility": 0.4,
        "rank": 1,
        "failures": 0,
    }
    found = {
        "run_id": RUN,
        "use_case": "trivia",
        "created_at": "2026-11-24T04:18:00.000Z",
        "confidence": 0.95,
        "decision": {
            "verdict": "PROMOTE",
            "sentence": "tuned is better",
            "reasons": ["f1 is surely better"],
            "leader": SHORT_NAME,
            "winner": SHORT_NAME,
            "against": "base",
            "compared_with": "base",
            "checks": [],
        },
        "rules": {"f1": {"weight": 1.0, "limit": None, "margin": 0.02, "higher_is_better": True}},
        "candidates": [
            {**candidate, "id": SHORT_NAME, "kind": "fine_tuned"},
            {**candidate, "id": "base", "rank": 2},
        ],
        "differences": {"f1": {**number, "value": 0.1, "low": 0.05, "high": 0.15}},
        "utility_difference": None,
        "lineage": {
            "dataset": "trivia",
            "dataset_version": "3",
            "dataset_digest": DIGEST,
            "test_rows": 100,
            "train_rows": 400,
            "fingerprints": {},
            "scorers": {},
            "jobs": {},
        },
    }
    return found | changes


class Desk:
    """The approval's functions, and what they led to."""

    def __init__(self, account: Account, tasks: Tasks, sagemaker: SageMakerDouble) -> None:
        self.account, self.tasks, self.sagemaker = account, tasks, sagemaker
        self._show, self._decide = (
            account.handler("approval/show_approval"),
            account.handler("approval/decide_approval"),
        )
        self._sqs = boto3.client("sqs")
        self._queues: dict[str, str] = {}

    def ask(self, token: str = FIRST_TOKEN, **changes: Any) -> dict[str, Any]:
        request = {
            "task_token": token,
            "run_id": RUN,
            "use_case": "trivia",
            "execution_arn": f"{MACHINE}:execution:fmops-evaluation:{RUN}",
            "model_package_arn": PACKAGE,
            "digest": DIGEST,
        }
        found: dict[str, Any] = self.account.handler("approval/request_approval")(request | changes, None)
        return found

    def confirm(self, *addresses: str) -> None:
        """Subscribe approvers, and a queue with the same filter beside each, to see what they get."""
        topic = Topic(wiring.client("sns"), self.account.approvals_topic)
        for address in addresses:
            topic.subscribe(address)
            queue = self._sqs.create_queue(QueueName=address.split("@")[0])["QueueUrl"]
            arn = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            self._queues[address] = queue
            policy = self._filter_of(address)
            self.account.sns.subscribe(
                TopicArn=self.account.approvals_topic,
                Protocol="sqs",
                Endpoint=arn,
                Attributes={"FilterPolicy": policy, "RawMessageDelivery": "true"},
            )

    def mails(self, address: str) -> list[str]:
        found = self._sqs.receive_message(QueueUrl=self._queues[address], MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=self._queues[address], ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def link(self, address: str) -> str:
        """The token in the newest mail to an approver."""
        (mail,) = self.mails(address)
        (line,) = [line for line in mail.splitlines() if line.startswith("https://")]
        return line.rpartition("/")[2]

    def open(self, token: str, method: str = "GET") -> dict[str, Any]:
        found: dict[str, Any] = self._show(request(method, token), None)
        return found

    def post(self, token: str, **fields: str) -> dict[str, Any]:
        found: dict[str, Any] = self._decide(request("POST", token, urlencode(fields)), None)
        return found

    def approve(self, token: str) -> dict[str, Any]:
        return self.post(token, decision="approve", confirmation=SHORT_NAME, reason="")

    def reject(self, token: str) -> dict[str, Any]:
        return self.post(token, decision="reject", confirmation="", reason="too slow")

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = self.account.handler("approval/record_decision")({"run_id": RUN}, None)
        return found

    @property
    def approval(self) -> dict[str, Any]:
        return wiring.ledger().require(Key(f"RUN#{RUN}", "APPROVAL"))

    @property
    def decisions(self) -> list[dict[str, Any]]:
        return wiring.ledger().records(f"RUN#{RUN}", "DECISION#")

    def _filter_of(self, address: str) -> str:
        pages = self.account.sns.get_paginator("list_subscriptions_by_topic").paginate(
            TopicArn=self.account.approvals_topic
        )
        (arn,) = [
            item["SubscriptionArn"] for page in pages for item in page["Subscriptions"] if item["Endpoint"] == address
        ]
        attributes = self.account.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        return str(attributes["FilterPolicy"])


def request(method: str, token: str, body: str | None = None) -> dict[str, Any]:
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": method, "path": f"/approvals/{token}"}},
        "pathParameters": {"token": token},
        "headers": {"content-type": "application/x-www-form-urlencoded"} if body is not None else {},
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def desk(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    key = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    monkeypatch.setenv("FMOPS_LINK_KEY", key)
    monkeypatch.setenv("FMOPS_PUBLIC_URL", "https://api.example.org")
    save(wiring.ledger(), UseCase.model_validate(USE_CASE), clock.now())
    run = {"run_id": RUN, "use_case": "trivia", "status": "awaiting_approval", "worst_case_usd": 1.5}
    wiring.ledger().put_once(Key(f"RUN#{RUN}", "RUN"), run, kind="run", now=clock.now())
    wiring.store().write_json(Location(ARTIFACTS, f"runs/{RUN}/report.json"), report())
    tasks, sagemaker = Tasks(), SageMakerDouble()
    with standing_in(stepfunctions=tasks, sagemaker=sagemaker):
        yield Desk(account, tasks, sagemaker)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the functions' clock on."""

    def move(by: timedelta) -> None:
        moved: datetime = clock.now() + by
        monkeypatch.setattr(clock, "_source", lambda: moved)

    return move
