"""Stand-ins for the services that moto falsifies: SageMaker's endpoints and registry, and Step Functions' tasks."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fmops.core import wiring
from tests.contract.botocore_validation import problems


def refusal(code: str, operation: str = "Operation", message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@contextmanager
def standing_in(**doubles: Any) -> Iterator[None]:
    """Have the functions use these clients, named as services with `_` for `-`, and the account's for all others."""
    real = wiring.client
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "client", lambda service: doubles.get(service.replace("-", "_")) or real(service))
        yield


class Tasks:
    """Step Functions, as those who answer tasks see it."""

    def __init__(self) -> None:
        self.succeeded: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str, str]] = []
        self.refuses: ClientError | None = None

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - AWS' spelling
        self._answer()
        self.succeeded.append((taskToken, output))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        self._answer()
        self.failed.append((taskToken, error, cause))

    def _answer(self) -> None:
        if self.refuses:
            raise self.refuses


class SageMakerDouble:
    """Models, configurations, endpoints and packages; refuses what AWS' model refuses.

    An endpoint changes until `settle` says how that ends.
    """

    def __init__(self) -> None:
        kinds = ("model", "endpoint-config", "endpoint", "processing-job")
        self.made: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in kinds}
        self.packages: dict[str, dict[str, Any]] = {}
        self.refuses: dict[str, ClientError] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}

    def create_model(self, **request: Any) -> None:
        _must_be_valid("create_model", request)
        self._create("model", request["ModelName"], {**request, "ModelArn": f"arn:model/{request['ModelName']}"})

    def create_endpoint_config(self, **request: Any) -> None:
        _must_be_valid("create_endpoint_config", request)
        name = request["EndpointConfigName"]
        self._create("endpoint-config", name, {**request, "EndpointConfigArn": f"arn:endpoint-config/{name}"})

    def create_endpoint(self, **request: Any) -> None:
        _must_be_valid("create_endpoint", request)
        name = request["EndpointName"]
        self._create("endpoint", name, {**request, "EndpointArn": f"arn:endpoint/{name}", "EndpointStatus": "Creating"})

    def create_processing_job(self, **request: Any) -> None:
        _must_be_valid("create_processing_job", request)
        name = request["ProcessingJobName"]
        record = {**request, "ProcessingJobArn": f"arn:processing-job/{name}", "ProcessingJobStatus": "InProgress"}
        self._create("processing-job", name, record)

    def describe_processing_job(self, **request: Any) -> dict[str, Any]:
        _must_be_valid("describe_processing_job", request)
        return self._find("processing-job", request["ProcessingJobName"], "DescribeProcessingJob")

    def stop_processing_job(self, **request: Any) -> None:
        _must_be_valid("stop_processing_job", request)
        self.describe_processing_job(**request)["ProcessingJobStatus"] = "Stopped"

    def update_endpoint(self, **request: Any) -> None:
        _must_be_valid("update_endpoint", request)
        found = self._find("endpoint", request["EndpointName"], "UpdateEndpoint")
        if found["EndpointStatus"] != "InService":
            raise refusal("ValidationException", "UpdateEndpoint", "in progress")
        pending = {"EndpointConfigName": request["EndpointConfigName"]}
        found |= {"EndpointStatus": "Updating", "PendingDeploymentSummary": pending}

    def delete_endpoint(self, **request: Any) -> None:
        _must_be_valid("delete_endpoint", request)
        found = self._find("endpoint", request["EndpointName"], "DeleteEndpoint")
        if found["EndpointStatus"] in ("Creating", "Updating"):
            raise refusal("ValidationException", "DeleteEndpoint", "in progress")
        del self.made["endpoint"][request["EndpointName"]]

    def settle(self, name: str, *, works: bool = True) -> None:
        """End what an endpoint is in."""
        found = self.made["endpoint"][name]
        pending = found.pop("PendingDeploymentSummary", None)
        if found["EndpointStatus"] == "Creating":
            found |= {"EndpointStatus": "InService"} if works else {"EndpointStatus": "Failed", "FailureReason": "no"}
        elif pending:
            # AWS takes a failed update back by itself.
            found |= {"EndpointStatus": "InService", **(pending if works else {})}

    def describe_model(self, **request: Any) -> dict[str, Any]:
        _must_be_valid("describe_model", request)
        return self._find("model", request["ModelName"], "DescribeModel")

    def describe_endpoint_config(self, **request: Any) -> dict[str, Any]:
        _must_be_valid("describe_endpoint_config", request)
        return self._find("endpoint-config", request["EndpointConfigName"], "DescribeEndpointConfig")

    def describe_endpoint(self, **request: Any) -> dict[str, Any]:
        _must_be_valid("describe_endpoint", request)
        return self._find("endpoint", request["EndpointName"], "DescribeEndpoint")

    def delete_model(self, **request: Any) -> None:
        _must_be_valid("delete_model", request)
        del self.made["model"][request["ModelName"]]

    def delete_endpoint_config(self, **request: Any) -> None:
        _must_be_valid("delete_endpoint_config", request)
        del self.made["endpoint-config"][request["EndpointConfigName"]]

    def describe_model_package(self, **request: Any) -> dict[str, Any]:
        _must_be_valid("describe_model_package", request)
        if request["ModelPackageName"] not in self.packages:
            raise refusal("ValidationException", "DescribeModelPackage", "does not exist")
        return self.packages[request["ModelPackageName"]]

    def update_model_package(self, **request: Any) -> None:
        _must_be_valid("update_model_package", request)
        arn = request.pop("ModelPackageArn")
        package = self.packages.setdefault(arn, {"ModelPackageArn": arn})
        package["CustomerMetadataProperties"] = {
            **package.get("CustomerMetadataProperties", {}),
            **request.pop("CustomerMetadataProperties", {}),
        }
        package |= request

    def get_paginator(self, _operation: str) -> Any:
        return _Pages(lambda request: [{"Tags": self._tags[request["ResourceArn"]]}])

    def _create(self, kind: str, name: str, record: dict[str, Any]) -> None:
        if refused := self.refuses.get(kind):
            raise refused
        if name in self.made[kind]:
            raise refusal("ValidationException", "Create", "exists already")
        self._tags[f"arn:{kind}/{name}"] = record.pop("Tags", [])
        self.made[kind][name] = record

    def _find(self, kind: str, name: str, operation: str) -> dict[str, Any]:
        if name not in self.made[kind]:
            raise refusal("ValidationException", operation, "could not be found")
        return self.made[kind][name]


def _must_be_valid(operation: str, request: dict[str, Any]) -> None:
    found = problems("sagemaker", operation, request)
    assert not found, found


class _Pages:
    def __init__(self, pages: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self._pages = pages

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        return self._pages(request)


class RuntimeDouble:
    """An endpoint's answers: by prompt, an empty one for any other."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []
        self.refuses: ClientError | None = None

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        found = problems("sagemaker-runtime", "invoke_endpoint", request)
        assert not found, found
        if self.refuses:
            raise self.refuses
        self.asked.append(request)
        text = self.answers.get(json.loads(request["Body"])["inputs"], "")
        return {"Body": io.BytesIO(json.dumps([{"generated_text": text}]).encode())}


class AlarmsDouble:
    """CloudWatch, as a release sees it: alarms, and what was told to them."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.tripped: dict[str, str] = {}
        """The ends of alarms' names, and why they tripped."""

    def put_metric_alarm(self, **request: Any) -> None:
        self._check("put_metric_alarm", request)
        self.alarms[request["AlarmName"]] = request

    def put_metric_data(self, **request: Any) -> None:
        self._check("put_metric_data", request)
        self.told += request["MetricData"]

    def describe_alarms(self, **request: Any) -> dict[str, Any]:
        self._check("describe_alarms", request)
        found = [a for name, a in self.alarms.items() if name.startswith(request["AlarmNamePrefix"])]
        return {"MetricAlarms": found}

    def delete_alarms(self, **request: Any) -> None:
        self._check("delete_alarms", request)
        for name in request["AlarmNames"]:
            del self.alarms[name]

    def get_paginator(self, operation: str) -> Any:
        assert operation == "describe_alarm_history"
        return _Pages(self._history)

    def _history(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        self._check("describe_alarm_history", request)
        reason = next((why for end, why in self.tripped.items() if request["AlarmName"].endswith(end)), None)
        state = {"stateValue": "ALARM", "stateReason": reason} if reason else {"stateValue": "OK"}
        return [{"AlarmHistoryItems": [{"HistoryData": json.dumps({"newState": state})}]}]

    def _check(self, operation: str, request: dict[str, Any]) -> None:
        found = problems("cloudwatch", operation, request)
        assert not found, found
