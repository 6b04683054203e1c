"""A run whose winner waits for approval, and the approval's functions around it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.core.ledger import Key
from fmops.links.people import Topic, approver_id, filter_policy
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.integration.account import ARTIFACTS, Account
from tests.integration.doubles import SageMakerDouble, Tasks, standing_in

RUN = "run-0123456789ab"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1"
DIGEST = "sha256:" + "ab" * 32
MACHINE = "arn:aws:states:us-east-1:123456789012"
SHORT_NAME = "tuned"
DAY = 86_400
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

    def use_case(self, **changes: Any) -> None:
        """Store the use case anew, with these members."""
        save(wiring.ledger(), UseCase.model_validate(USE_CASE | changes), clock.now())

    def add_run(self, run_id: str, began: datetime | None = None) -> None:
        """A run that waits for approval, with its report."""
        run = {
            "run_id": run_id,
            "use_case": "trivia",
            "status": "awaiting_approval",
            "dataset": {"name": "trivia", "version": "3"},
            "worst_case_usd": 1.5,
            **({"created_at": clock.iso(began)} if began else {}),
        }
        wiring.ledger().put_once(Key(f"RUN#{run_id}", "RUN"), run, kind="run", now=clock.now())
        wiring.store().write_json(Location(ARTIFACTS, f"runs/{run_id}/report.json"), report(run_id=run_id))

    def ask(self, token: str = FIRST_TOKEN, run_id: str = RUN, occasion: str = "ask", **changes: Any) -> dict[str, Any]:
        request = {
            "occasion": occasion,
            "task_token": token,
            "run_id": run_id,
            "use_case": "trivia",
            "execution_arn": f"{MACHINE}:execution:fmops-evaluation:{run_id}",
            "model_package_arn": f"{PACKAGE}{'' if run_id == RUN else run_id[-3:]}",
            "digest": DIGEST,
            "timetable": {"ask_seconds": 3 * DAY, "remind_seconds": 2 * DAY, "escalate_seconds": 2 * DAY},
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
            policy = filter_policy(approver_id(address))
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
        """The token in the one new mail to an approver."""
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

    def check(self) -> dict[str, Any]:
        found: dict[str, Any] = self.account.handler("approval/check_approvers")({"run_id": RUN}, None)
        return found

    def record(self, run_id: str = RUN) -> dict[str, Any]:
        found: dict[str, Any] = self.account.handler("approval/record_decision")({"run_id": run_id}, None)
        return found

    @property
    def approval(self) -> dict[str, Any]:
        return self.approval_of(RUN)

    def approval_of(self, run_id: str) -> dict[str, Any]:
        return wiring.ledger().require(Key(f"RUN#{run_id}", "APPROVAL"))

    @property
    def decisions(self) -> list[dict[str, Any]]:
        return wiring.ledger().records(f"RUN#{RUN}", "DECISION#")


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
    monkeypatch.setenv("FMOPS_LINK_KEYS", f"v1={key}")
    monkeypatch.setenv("FMOPS_PUBLIC_URL", "https://api.example.org")
    tasks, sagemaker = Tasks(), SageMakerDouble()
    with standing_in(stepfunctions=tasks, sagemaker=sagemaker):
        made = Desk(account, tasks, sagemaker)
        made.use_case()
        made.add_run(RUN)
        yield made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the functions' clock on."""

    def move(by: timedelta) -> None:
        moved: datetime = clock.now() + by
        monkeypatch.setattr(clock, "_source", lambda: moved)

    return move


@pytest.fixture
def one_at_a_time(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB's conditional writes are one step each; moto's are not."""
    client = wiring.client("dynamodb")
    lock, call = Lock(), client._make_api_call

    def locked(*arguments: Any) -> Any:
        with lock:
            return call(*arguments)

    monkeypatch.setattr(client, "_make_api_call", locked)
