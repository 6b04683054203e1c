"""An account in moto with what the template makes, and the handlers as Lambda would call them."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fmops.core import wiring

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE, BUS, DATASETS, ARTIFACTS, CAPTURE = "ledger", "fmops", "datasets-bucket", "artifacts-bucket", "capture-bucket"

SETTINGS = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_TRACE_DISABLED": "1",
    "FMOPS_STACK": "fmops",
    "FMOPS_PREFIX": "ab12cd34",
    "FMOPS_TABLE": TABLE,
    "FMOPS_BUS": BUS,
    "FMOPS_DATASETS_BUCKET": DATASETS,
    "FMOPS_ARTIFACTS_BUCKET": ARTIFACTS,
    "FMOPS_CAPTURE_BUCKET": CAPTURE,
    "FMOPS_HUB": "SageMakerPublicHub",
    "FMOPS_DASHBOARD_URL": "https://console.example.com/dashboard",
}

Handler = Callable[[dict[str, Any], Any], Any]


class Account:
    """The account that the handlers of a test work in."""

    def __init__(self, repo: Path) -> None:
        self._repo = repo
        self.s3 = boto3.client("s3")
        self.dynamodb = boto3.client("dynamodb")
        self.sns = boto3.client("sns")
        self._sqs = boto3.client("sqs")
        self._make()

    def handler(self, path: str) -> Handler:
        """The handler of `functions/<path>/app.py`, freshly imported."""
        name = f"handler_{path.replace('/', '_')}"
        spec = importlib.util.spec_from_file_location(name, self._repo / "functions" / path / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        handler: Handler = module.handler
        return handler

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was put on the stack's bus since the last call: detail-type and detail."""
        found = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                event = json.loads(message["Body"])
                found.append((event["detail-type"], event["detail"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def records(self, pk: str) -> list[dict[str, Any]]:
        return wiring.ledger().records(pk)

    def _make(self) -> None:
        for bucket in (DATASETS, ARTIFACTS, CAPTURE):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        names = ("pk", "sk", "gsi_kind", "gsi_sort", "emit_pending", "emit_since")
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": index, "KeySchema": _keys(*keys), "Projection": {"ProjectionType": "ALL"}}
                for index, keys in (("by_kind", names[2:4]), ("pending", names[4:]))
            ],
        )
        self.alerts_topic = self.sns.create_topic(Name="alerts")["TopicArn"]
        self.approvals_topic = self.sns.create_topic(Name="approvals")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="seen")["QueueUrl"]
        events = boto3.client("events")
        events.create_event_bus(Name=BUS)
        events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["fmops"]}))
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:seen"
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "seen", "Arn": queue}])


@contextmanager
def fresh(repo: Path, patch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account; the functions' settings name its parts."""
    for name, value in SETTINGS.items():
        patch.setenv(name, value)
    with mock_aws():
        _forget()
        found = Account(repo)
        patch.setenv("FMOPS_ALERTS_TOPIC", found.alerts_topic)
        patch.setenv("FMOPS_APPROVALS_TOPIC", found.approvals_topic)
        yield found
    _forget()


def _forget() -> None:
    """Clients and settings are kept for a process; a test is a process of its own.

    The session stays: with it botocore would read its models of the services anew for each test.
    """
    for made in (wiring.settings, wiring.client, wiring.ledger, wiring.store, wiring.emitter):
        made.cache_clear()


def _keys(first: str, second: str) -> list[Any]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]
