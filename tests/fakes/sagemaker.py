"""SageMaker in memory: remembers what was created, refuses as AWS does, and ends what a test says."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.contract.botocore_validation import problems

_ARN = "arn:aws:sagemaker:us-east-1:123456789012"
_KINDS = {
    "training_job": ("TrainingJobName", "TrainingJobArn", "training-job", "ResourceInUse"),
    "processing_job": ("ProcessingJobName", "ProcessingJobArn", "processing-job", "ResourceInUse"),
    "model": ("ModelName", "ModelArn", "model", "ValidationException"),
    "endpoint_config": ("EndpointConfigName", "EndpointConfigArn", "endpoint-config", "ValidationException"),
    "endpoint": ("EndpointName", "EndpointArn", "endpoint", "ValidationException"),
}
_BEGINNINGS = {
    "training_job": {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Starting"},
    "processing_job": {"ProcessingJobStatus": "InProgress"},
    "endpoint": {"EndpointStatus": "Creating"},
}


def refusal(code: str, operation: str = "Operation", message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeSageMaker:
    """The part of a boto3 client of SageMaker that the application uses."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _KINDS}
        self.packages: list[dict[str, Any]] = []
        self.hub: dict[str, tuple[str, str]] = {}
        self.refusals: dict[str, list[ClientError]] = {}
        self.created: list[str] = []

    def refuse(self, operation: str, *errors: ClientError) -> None:
        """Have the next calls of an operation fail so."""
        self.refusals.setdefault(operation, []).extend(errors)

    def end(self, kind: str, name: str, **members: Any) -> None:
        """Change what Describe tells of a job or an endpoint."""
        self.things[kind][name] |= members

    def complete_training(self, name: str) -> str:
        uri = f"{self.things['training_job'][name]['OutputDataConfig']['S3OutputPath']}{name}/output/model/"
        self.end("training_job", name, TrainingJobStatus="Completed", ModelArtifacts={"S3ModelArtifacts": uri})
        return uri

    def running(self) -> list[str]:
        """All that costs something now."""
        jobs = [
            name
            for kind, status in (("training_job", "TrainingJobStatus"), ("processing_job", "ProcessingJobStatus"))
            for name, thing in self.things[kind].items()
            if thing[status] == "InProgress"
        ]
        return [*jobs, *self.things["endpoint"]]

    def publish(self, model_id: str, document: str, version: str = "1.0.0") -> None:
        """Put a model into the hub."""
        self.hub[model_id] = (version, document)

    def __getattr__(self, operation: str) -> Any:
        verb, _, kind = operation.partition("_")
        if kind not in _KINDS or verb not in ("create", "describe", "delete", "stop"):
            raise AttributeError(operation)
        return lambda **request: getattr(self, f"_{verb}")(kind, operation, request)

    def describe_hub_content(self, **request: Any) -> dict[str, Any]:
        self._accept("describe_hub_content", request)
        name = request["HubContentName"]
        if name not in self.hub:
            raise refusal("ResourceNotFound")
        version, document = self.hub[name]
        return {
            "HubContentName": name,
            "HubContentVersion": version,
            "HubContentArn": f"arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/{name}/{version}",
            "HubContentDocument": document,
        }

    def create_model_package(self, **request: Any) -> dict[str, Any]:
        self._accept("create_model_package", request)
        arn = f"{_ARN}:model-package/{request['ModelPackageGroupName']}/{len(self.packages) + 1}"
        self.packages.append({**request, "ModelPackageArn": arn})
        return {"ModelPackageArn": arn}

    def describe_model_package(self, **request: Any) -> dict[str, Any]:
        return next(p for p in self.packages if p["ModelPackageArn"] == request["ModelPackageName"])

    def get_paginator(self, operation: str) -> Any:
        return _Pages(self, operation)

    def pages(self, operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if operation == "list_tags":
            found = [
                t for things in self.things.values() for t in things.values() if request["ResourceArn"] in t.values()
            ]
            # AWS pages as it likes: an empty page must not end the reading.
            yield {"Tags": []}
            yield {"Tags": found[0].get("Tags", [])}
        elif operation == "list_endpoints":
            yield {"Endpoints": list(self.things["endpoint"].values())}
        elif operation == "list_model_packages":
            yield {"ModelPackageSummaryList": [{"ModelPackageArn": p["ModelPackageArn"]} for p in self.packages[::-1]]}
        else:
            raise AttributeError(operation)

    def _create(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self._accept(operation, request)
        member, arn_member, noun, taken = _KINDS[kind]
        name = request[member]
        if name in self.things[kind]:
            raise refusal(taken, operation, f"{name} exists")
        arn = f"{_ARN}:{noun}/{name}"
        self.things[kind][name] = {**request, **_BEGINNINGS.get(kind, {}), arn_member: arn}
        self.created.append(name)
        return {arn_member: arn}

    def _describe(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self._accept(operation, request)
        return dict(self._thing(kind, operation, request))

    def _delete(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self._accept(operation, request)
        self._thing(kind, operation, request)
        del self.things[kind][request[_KINDS[kind][0]]]
        return {}

    def _stop(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self._accept(operation, request)
        status = "TrainingJobStatus" if kind == "training_job" else "ProcessingJobStatus"
        thing = self._thing(kind, operation, request)
        if thing[status] != "InProgress":
            raise refusal("ValidationException", operation)
        thing[status] = "Stopped"
        return {}

    def _thing(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.things[kind][request[_KINDS[kind][0]]]
        except KeyError:
            raise refusal("ValidationException", operation, "Could not find it") from None

    def _accept(self, operation: str, request: dict[str, Any]) -> None:
        if self.refusals.get(operation):
            raise self.refusals[operation].pop(0)
        if found := problems("sagemaker", operation, request):
            raise refusal("ValidationException", operation, "; ".join(found))


class _Pages:
    def __init__(self, sagemaker: FakeSageMaker, operation: str) -> None:
        self._sagemaker, self._operation = sagemaker, operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        return self._sagemaker.pages(self._operation, request)
