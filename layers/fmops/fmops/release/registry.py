"""Reads the package that is to be released."""

from typing import Any

from botocore.exceptions import ClientError

from fmops.core.errors import NotApproved
from fmops.release.models import Package
from fmops.serving import requests
from fmops.serving.models import Artifact

_CONTAINER = ("Image", "Environment", "ModelDataSource")


def read(sagemaker: Any, arn: str) -> Package:
    """The package as it is now. NotApproved where it is gone. `sagemaker` is a boto3 client of SageMaker."""
    try:
        answer = sagemaker.describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            raise NotApproved(f"{arn} is not in the registry any more") from error
        raise
    return package(answer)


def package(answer: dict[str, Any]) -> Package:
    """From DescribeModelPackage's answer."""
    containers = answer.get("InferenceSpecification", {}).get("Containers", [])
    container = containers[0] if len(containers) == 1 else {}
    return Package(
        arn=answer["ModelPackageArn"],
        approval_status=answer.get("ModelApprovalStatus", "none"),
        container={name: container[name] for name in _CONTAINER if name in container},
        facts=answer.get("CustomerMetadataProperties", {}),
    )


def run_id(found: Package) -> str:
    """The run that registered it, as the package says. NotApproved where it says none."""
    named = found.facts.get(requests.RUN_ID)
    if not named:
        raise NotApproved(f"{found.arn} is Approved in the registry, and comes from no run of ours")
    return named


def as_registered(found: Package, artifact: Artifact) -> Artifact:
    """The candidate's artifact with the container that the package has now. NotApproved where it names no weights."""
    if not found.container.get("Image") or "S3DataSource" not in found.container.get("ModelDataSource", {}):
        raise NotApproved(f"{found.arn} has no container with an image and weights in S3")
    return artifact.model_copy(update={"container": found.container, "objects": ()})
