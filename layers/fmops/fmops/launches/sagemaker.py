"""Talks to SageMaker: creates once, describes, stops, deletes."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.errors import CapacityUnavailable, LaunchRefused, NameTaken, QuotaReached
from fmops.launches.models import Create, JobKind, State
from fmops.launches.network import Network, placed

SPECIFICATION_TAG = "fmops:specification"

# SageMaker's word for "there is no such thing" depends on the API; which of both it is never matters to us.
_MISSING = frozenset({"ValidationException", "ResourceNotFound"})
_TAKEN = frozenset({"ValidationException", "ResourceInUse"})
_REFUSED = frozenset({"ValidationException", "AccessDeniedException", "ResourceNotFound"})

# Other services' word for it, which SageMaker hands on at times.
_NO_CAPACITY = frozenset({"InsufficientInstanceCapacity", "InsufficientCapacity", "CapacityError"})
# A job that was accepted tells a shortage in its reason only; SageMaker gives it no code of its own there.
_SHORTAGE = ("CapacityError", "InsufficientInstanceCapacity", "Unable to provision requested ML compute capacity")


class _Resource(NamedTuple):
    describe: str
    name: str
    arn: str


_RESOURCES = {
    "create_training_job": _Resource("describe_training_job", "TrainingJobName", "TrainingJobArn"),
    "create_processing_job": _Resource("describe_processing_job", "ProcessingJobName", "ProcessingJobArn"),
    "create_model": _Resource("describe_model", "ModelName", "ModelArn"),
    "create_endpoint_config": _Resource("describe_endpoint_config", "EndpointConfigName", "EndpointConfigArn"),
    "create_endpoint": _Resource("describe_endpoint", "EndpointName", "EndpointArn"),
}
_DELETES = {
    "create_endpoint": "delete_endpoint",
    "create_endpoint_config": "delete_endpoint_config",
    "create_model": "delete_model",
}
_STOPS = {JobKind.TRAINING: "stop_training_job", JobKind.PROCESSING: "stop_processing_job"}


class SageMaker:
    """What launches and teardown need of SageMaker."""

    def __init__(self, client: Any, network: Network | None = None) -> None:
        """`client` is a boto3 client of SageMaker; what is made is placed in the network, where there is one."""
        self._client, self._network = client, network

    def create_once(self, create: Create, specification: str, tags: dict[str, str]) -> bool:
        """Make something, or adopt what is there by this name and of this specification. Whether it was adopted.

        NameTaken where the name stands for something else; QuotaReached, CapacityUnavailable, LaunchRefused as AWS
        answers.
        """
        marks = {**tags, SPECIFICATION_TAG: specification}
        request = {
            **placed(create, self._network),
            "Tags": [{"Key": key, "Value": value} for key, value in marks.items()],
        }
        try:
            getattr(self._client, create.operation)(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _TAKEN and (found := self._find(create)) is not None:
                self._must_equal(create, found, specification)
                return True
            if code == "ResourceLimitExceeded":
                raise QuotaReached(f"{name_of(create)}: {error.response['Error'].get('Message', code)}") from error
            if code in _NO_CAPACITY:
                raise CapacityUnavailable(
                    f"{name_of(create)}: {error.response['Error'].get('Message', code)}"
                ) from error
            if code in _REFUSED:
                raise LaunchRefused(f"{name_of(create)}: {error.response['Error'].get('Message', code)}") from error
            raise
        return False

    def state(self, kind: JobKind, name: str) -> State | None:
        """How a job or an endpoint stands; None where there is none."""
        match kind:
            case JobKind.TRAINING:
                found = self._describe("create_training_job", name)
                return training_state(found) if found else None
            case JobKind.PROCESSING:
                found = self._describe("create_processing_job", name)
                return processing_state(found) if found else None
            case JobKind.ENDPOINT:
                found = self._describe("create_endpoint", name)
                return endpoint_state(found) if found else None

    def stop(self, kind: JobKind, name: str) -> None:
        """Ask a job to stop; nothing where it is over or never was."""
        state = self.state(kind, name)
        if state is None or state.final or state.aws_status == "Stopping":
            return
        try:
            getattr(self._client, _STOPS[kind])(**{_RESOURCES[f"create_{kind.value}_job"].name: name})
        except ClientError as error:
            # It may have ended between the two calls.
            after = self.state(kind, name)
            if error.response["Error"]["Code"] not in _MISSING or not (after is None or after.final):
                raise

    def delete(self, operation: str, name: str) -> None:
        """Delete what `operation` made under this name; nothing where there is none. ClientError where it stays."""
        found = self._describe(operation, name)
        if found is None or found.get("EndpointStatus") == "Deleting":
            return
        try:
            getattr(self._client, _DELETES[operation])(**{_RESOURCES[operation].name: name})
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING or self._describe(operation, name) is not None:
                raise

    def is_ours(self, operation: str, name: str, specification: str) -> bool:
        """Whether what `operation` made under this name is there, and of this specification."""
        found = self._describe(operation, name)
        return found is not None and self._specification(operation, found) == specification

    def _find(self, create: Create) -> dict[str, Any] | None:
        return self._describe(create.operation, name_of(create))

    def _describe(self, operation: str, name: str) -> dict[str, Any] | None:
        resource = _RESOURCES[operation]
        try:
            answer: dict[str, Any] = getattr(self._client, resource.describe)(**{resource.name: name})
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return answer

    def _must_equal(self, create: Create, found: dict[str, Any], specification: str) -> None:
        arn = found[_RESOURCES[create.operation].arn]
        if self._specification(create.operation, found) != specification:
            raise NameTaken(
                f"{name_of(create)} exists already with another specification; look at who made {arn}, and delete it "
                "if nobody needs it"
            )

    def _specification(self, operation: str, found: dict[str, Any]) -> str | None:
        arn = found[_RESOURCES[operation].arn]
        pages = self._client.get_paginator("list_tags").paginate(ResourceArn=arn)
        return next((t["Value"] for page in pages for t in page["Tags"] if t["Key"] == SPECIFICATION_TAG), None)


def name_of(create: Create) -> str:
    """The name that a create call gives."""
    return str(create.request[_RESOURCES[create.operation].name])


def training_state(answer: dict[str, Any]) -> State:
    """From DescribeTrainingJob."""
    status = answer["TrainingJobStatus"]
    # With a spot discount fewer seconds are billed than went by.
    billed = answer.get("BillableTimeInSeconds", answer.get("TrainingTimeInSeconds"))
    if billed is None:
        billed = _between(answer, "TrainingStartTime", "TrainingEndTime")
    if status == "Completed":
        uri = answer["ModelArtifacts"]["S3ModelArtifacts"]
        return State(aws_status=status, final=True, ok=True, model_data_uri=uri, billed_seconds=billed)
    secondary = answer.get("SecondaryStatus", "")
    reason = answer.get("FailureReason") or _STOPPED.get(secondary, "")
    ended = _ended_or_not(status, reason, billed)
    if ended.final and secondary == "MaxWaitTimeExceeded":
        return ended.model_copy(update={"short_of_capacity": True})
    return ended


def processing_state(answer: dict[str, Any]) -> State:
    """From DescribeProcessingJob. A job that reached its time limit is `Stopped` without any reason."""
    status = answer["ProcessingJobStatus"]
    billed = _between(answer, "ProcessingStartTime", "ProcessingEndTime")
    if status == "Completed":
        return State(aws_status=status, final=True, ok=True, billed_seconds=billed)
    # What the container said is for people; AWS' own reason is more general.
    said = [answer.get("ExitMessage"), answer.get("FailureReason")]
    ended = _ended_or_not(status, "; ".join(text for text in said if text), billed)
    crashed = status == "Failed" and not answer.get("ExitMessage") and not ended.short_of_capacity
    return ended.model_copy(update={"crashed": crashed})


def endpoint_state(answer: dict[str, Any]) -> State:
    """From DescribeEndpoint."""
    status, reason = answer["EndpointStatus"], answer.get("FailureReason", "")
    final = status in ("InService", "Failed", "OutOfService", "UpdateRollbackFailed")
    short = status == "Failed" and _is_shortage(reason)
    return State(
        aws_status=status,
        final=final,
        ok=status == "InService",
        reason=reason,
        short_of_capacity=short,
        billed_seconds=0 if short else None,
        all_traffic=status == "Updating" and _bakes_with_all_traffic(answer.get("PendingDeploymentSummary", {})),
    )


def _bakes_with_all_traffic(pending: dict[str, Any]) -> bool:
    """Whether each variant of an update bakes with as many instances as it will have.

    Read from the members, and not from StatusMessage, whose words AWS does not promise.
    """
    variants = pending.get("ProductionVariants", [])
    return bool(variants) and all(
        variant.get("VariantStatus")
        and variant["VariantStatus"][-1]["Status"] == "Baking"
        and variant.get("CurrentInstanceCount", 0) >= variant.get("DesiredInstanceCount", 1)
        for variant in variants
    )


_STOPPED = {
    "MaxRuntimeExceeded": "it reached its time limit",
    "MaxWaitTimeExceeded": "no spot capacity came within its waiting time",
}


def _between(answer: dict[str, Any], start: str, end: str) -> float | None:
    """The seconds between two times of an answer; 0 for what ended without a start, None where it has not ended."""
    if answer.get(end) is None:
        return None
    began = answer.get(start)
    return max(0.0, (answer[end] - began).total_seconds()) if began else 0.0


def _is_shortage(reason: str) -> bool:
    return any(word in reason for word in _SHORTAGE)


def _ended_or_not(status: str, reason: str, billed: float | None) -> State:
    if status == "Failed":
        return State(
            aws_status=status,
            final=True,
            reason=reason or "SageMaker gives no reason",
            short_of_capacity=_is_shortage(reason),
            billed_seconds=billed,
        )
    if status == "Stopped":
        said = reason or "it was stopped, by its time limit or by somebody"
        return State(aws_status=status, final=True, reason=said, billed_seconds=billed)
    return State(aws_status=status, final=False)
