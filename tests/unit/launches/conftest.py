"""A launcher over a ledger in moto, SageMaker and Step Functions in memory."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fmops.core.ledger import Ledger
from fmops.launches.callbacks import Callbacks
from fmops.launches.costs import Cost
from fmops.launches.launcher import Launcher
from fmops.launches.models import Create, JobKind, Launch
from fmops.launches.purse import Purse
from fmops.launches.reconcile import Reconciler
from fmops.launches.sagemaker import SageMaker
from fmops.usecases import store as usecases
from tests.fakes.run import use_case
from tests.fakes.sagemaker import FakeSageMaker
from tests.fakes.states import FakeStates

NOW = datetime(2026, 11, 24, 4, 18, tzinfo=UTC)
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:fmops-evaluation:run-1"


@dataclass
class Bench:
    """All that a launch touches."""

    ledger: Ledger
    aws: FakeSageMaker = field(default_factory=FakeSageMaker)
    states: FakeStates = field(default_factory=FakeStates)

    @property
    def sagemaker(self) -> SageMaker:
        return SageMaker(self.aws)

    @property
    def purse(self) -> Purse:
        return Purse(self.ledger, pause=lambda _seconds: None)

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(self.ledger, self.sagemaker, self.purse, self.states)

    @property
    def launcher(self) -> Launcher:
        return Launcher(self.ledger, self.sagemaker, self.callbacks, self.purse, "fmops")

    @property
    def reconciler(self) -> Reconciler:
        return Reconciler(self.ledger, self.sagemaker, self.callbacks, self.purse, self.states)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with mock_aws():
        dynamodb = _session().client("dynamodb")
        names = ("pk", "sk", "gsi_kind", "gsi_sort")
        dynamodb.create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=_keys(*names[:2]),
            GlobalSecondaryIndexes=[
                {"IndexName": "by_kind", "KeySchema": _keys(*names[2:]), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
        made = Bench(Ledger(dynamodb, "ledger"))
        usecases.save(made.ledger, use_case(), NOW)
        yield made


def training(task: str = "token-1", **changes: Any) -> Launch:
    """A small training job."""
    name = "ab12cd34-tune-run-1-tuned"
    request = {
        "TrainingJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "fine-tune:1", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://artifacts-bucket/runs/run-1/model/"},
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **changes,
    }
    return _launch(name, JobKind.TRAINING, task, (Create(operation="create_training_job", request=request),))


def endpoint(task: str = "token-1", *, temporary: bool = True) -> Launch:
    """A model, its configuration and its endpoint."""
    name = "ab12cd34-eval-run-1-base"
    role = "arn:aws:iam::123456789012:role/endpoint"
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
    }
    creates = (
        Create(
            operation="create_model",
            request={"ModelName": name, "ExecutionRoleArn": role, "PrimaryContainer": {"Image": "serve:1"}},
        ),
        Create(
            operation="create_endpoint_config", request={"EndpointConfigName": name, "ProductionVariants": [variant]}
        ),
        Create(operation="create_endpoint", request={"EndpointName": name, "EndpointConfigName": name}),
    )
    return _launch(name, JobKind.ENDPOINT, task, creates, temporary=temporary)


def _launch(name: str, kind: JobKind, token: str, creates: tuple[Create, ...], *, temporary: bool = True) -> Launch:
    return Launch(
        name=name,
        kind=kind,
        run_id="run-1",
        use_case="trivia",
        candidate="tuned" if kind is JobKind.TRAINING else "base",
        execution_arn=EXECUTION,
        task_token=token,
        creates=creates,
        outputs={"endpoint_name": name} if kind is JobKind.ENDPOINT else {},
        cost=Cost.of("ml.g5.xlarge", 3600),
        temporary=temporary,
    )


@functools.cache
def _session() -> boto3.Session:
    """One for all tests: it keeps the models that it has read."""
    return boto3.Session(region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")


def _keys(first: str, second: str) -> list[Any]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]
