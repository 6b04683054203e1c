"""What the functions call beside moto: SageMaker, EventBridge and CloudWatch in memory; and calls that a crash cuts."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.sagemaker import FakeSageMaker, refusal
from tests.integration.doubles import AlarmsDouble

Tell = Callable[[str, str, dict[str, Any]], None]


class Crash(BaseException):
    """The function's process is gone: no code of it runs any more."""


class Fragility:
    """When the process of the next function ends: before or after one of its calls."""

    def __init__(self) -> None:
        self.calls_left = 0
        self.after = False
        self._inside = 0

    @contextmanager
    def function(self) -> Iterator[None]:
        """What is called in here is called by a function, and not by a job or a person."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def arm(self, calls: int, *, after: bool) -> None:
        self.calls_left, self.after = calls, after

    def around(self, call: Callable[..., Any], *arguments: Any, **request: Any) -> Any:
        if not (self.calls_left and self._inside):
            return call(*arguments, **request)
        self.calls_left -= 1
        if self.calls_left:
            return call(*arguments, **request)
        if self.after:
            call(*arguments, **request)
        raise Crash


class Fragile:
    """A client whose calls may be the last of their process."""

    def __init__(self, client: Any, fragility: Fragility) -> None:
        self._client, self._fragility = client, fragility

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name in ("exceptions", "meta", "get_paginator"):
            return found
        return lambda *arguments, **request: self._fragility.around(found, *arguments, **request)


class Bus:
    """EventBridge, as those who put events see it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS' spelling
        for entry in Entries:
            self._tell(entry["Source"], entry["DetailType"], entry["Detail"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}


class Alarms(AlarmsDouble):
    """CloudWatch without any traffic to tell of."""

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        return {"MetricDataResults": [{"Id": query["Id"], "Values": []} for query in request["MetricDataQueries"]]}


class Cloud(FakeSageMaker):
    """SageMaker with endpoints that are updated, and with the registry's events."""

    def __init__(self, tell: Tell, reserved: Callable[[str], bool]) -> None:
        super().__init__()
        self._tell, self._reserved = tell, reserved
        self.unpaid: list[str] = []
        """What was made without a reservation in the ledger at that moment."""
        self.twice: list[str] = []
        """Jobs that were made although one of the same task ran or was complete."""

    # ---- endpoints

    def update_endpoint(self, **request: Any) -> None:
        self._accept("update_endpoint", request)
        found = self._thing("endpoint", "update_endpoint", request)
        if found["EndpointStatus"] != "InService":
            raise refusal("ValidationException", "UpdateEndpoint", "in progress")
        pending = {"EndpointConfigName": request["EndpointConfigName"], "ProductionVariants": [_variant("Creating")]}
        found |= {"EndpointStatus": "Updating", "PendingDeploymentSummary": pending}

    def move_endpoint(self, name: str, *, works: bool) -> None:
        """The next thing that happens to an endpoint which is being made or updated."""
        found = self.things["endpoint"][name]
        pending: dict[str, Any] = found.get("PendingDeploymentSummary", {})
        if found["EndpointStatus"] == "Creating":
            found |= {"EndpointStatus": "InService"} if works else {"EndpointStatus": "Failed", "FailureReason": "no"}
        elif works and pending["ProductionVariants"] != [_variant("Baking")]:
            pending["ProductionVariants"] = [_variant("Baking")]
        else:
            del found["PendingDeploymentSummary"]
            # AWS takes a failed update back by itself.
            found |= {"EndpointStatus": "InService"} | (
                {"EndpointConfigName": pending["EndpointConfigName"]} if works else {}
            )

    def changing(self) -> list[str]:
        """The endpoints to which something is still to happen."""
        return [name for name, one in self.things["endpoint"].items() if one["EndpointStatus"] in _CHANGING]

    def container_of(self, endpoint: str) -> dict[str, Any]:
        """What an endpoint serves."""
        config = self.things["endpoint_config"][self.things["endpoint"][endpoint]["EndpointConfigName"]]
        model = self.things["model"][config["ProductionVariants"][0]["ModelName"]]
        found: dict[str, Any] = model["PrimaryContainer"]
        return found

    # ---- the registry

    def create_model_package(self, **request: Any) -> dict[str, Any]:
        made = super().create_model_package(**request)
        self._tell_package(self.packages[-1])
        return made

    def update_model_package(self, **request: Any) -> None:
        self._accept("update_model_package", request)
        package = self.describe_model_package(ModelPackageName=request["ModelPackageArn"])
        facts = {**package["CustomerMetadataProperties"], **request.pop("CustomerMetadataProperties", {})}
        before = package["ModelApprovalStatus"]
        package |= {**request, "CustomerMetadataProperties": facts}
        if package["ModelApprovalStatus"] != before:
            self._tell_package(package)

    def _tell_package(self, package: dict[str, Any]) -> None:
        members = ("ModelPackageGroupName", "ModelPackageArn", "ModelApprovalStatus", "CustomerMetadataProperties")
        detail = {member: package[member] for member in members}
        self._tell("aws.sagemaker", "SageMaker Model Package State Change", detail)

    # ---- what is common to all

    def _create(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        same = self._of_same_task(kind, str(request.get(f"{_CAMEL.get(kind)}Name")))
        made = super()._create(kind, operation, request)
        name = self.created[-1]
        if any(job[f"{_CAMEL[kind]}Status"] in ("InProgress", "Completed") for job in same):
            self.twice.append(name)
        # Production's endpoint is what was evaluated for: a budget of evaluations does not hold it.
        if kind in ("training_job", "processing_job", "endpoint") and not self._reserved(name):
            self.unpaid.append(name)
        return made

    def _of_same_task(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The earlier attempts at what a job is for: their names differ in a number at the end."""
        if kind not in _CAMEL:
            return []
        task = re.sub(r"-[2-9]$", "", name)
        return [job for other, job in self.things[kind].items() if re.sub(r"-[2-9]$", "", other) == task]

    def _delete(self, kind: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if kind == "endpoint" and self._thing(kind, operation, request)["EndpointStatus"] in _CHANGING:
            raise refusal("ValidationException", operation, "in progress")
        return super()._delete(kind, operation, request)


_CAMEL = {"training_job": "TrainingJob", "processing_job": "ProcessingJob"}
_CHANGING = ("Creating", "Updating")


def _variant(status: str) -> dict[str, Any]:
    return {
        "VariantName": "AllTraffic",
        "VariantStatus": [{"Status": status}],
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 1,
    }
