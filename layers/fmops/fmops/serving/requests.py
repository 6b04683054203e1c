"""SageMaker's requests for models, endpoints and packages: pure functions."""

from typing import Any

from fmops.core.ids import short_hash
from fmops.serving.models import Artifact

VARIANT = "AllTraffic"

# Members of a package's CustomerMetadataProperties. Values take letters, digits and _.:/=+-@ only.
DIGEST = "digest"
RUN_ID = "fmops_run_id"
USE_CASE = "fmops_use_case"
CANDIDATE = "fmops_candidate"


def model(name: str, artifact: Artifact, role_arn: str) -> dict[str, Any]:
    """CreateModel."""
    return {
        "ModelName": name,
        "ExecutionRoleArn": role_arn,
        "PrimaryContainer": artifact.container,
        "EnableNetworkIsolation": artifact.network_isolation,
    }


def capture(destination_uri: str, percent: int, kms_key: str | None = None) -> dict[str, Any]:
    """The `DataCaptureConfig` of an endpoint configuration: prompts and answers as JSON."""
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": percent,
        "DestinationS3Uri": destination_uri,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        # Without this header SageMaker writes the bodies in base64.
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        **({"KmsKeyId": kms_key} if kms_key else {}),
    }


def endpoint_config(
    name: str,
    model_name: str,
    instance_type: str,
    timeouts: dict[str, int],
    *,
    instance_count: int = 1,
    capture: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """CreateEndpointConfig with one variant."""
    variant = {
        "VariantName": VARIANT,
        "ModelName": model_name,
        "InitialVariantWeight": 1.0,
        "InitialInstanceCount": instance_count,
        "InstanceType": instance_type,
        **timeouts,
    }
    return {
        "EndpointConfigName": name,
        "ProductionVariants": [variant],
        **({"DataCaptureConfig": capture} if capture else {}),
    }


def endpoint(name: str, config_name: str) -> dict[str, Any]:
    """CreateEndpoint."""
    return {"EndpointName": name, "EndpointConfigName": config_name}


def model_package(
    group: str, artifact: Artifact, digest: str, *, run_id: str, use_case: str, candidate: str, report_uri: str
) -> dict[str, Any]:
    """CreateModelPackage of a winner that waits for a person."""
    return {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": f"{use_case}: candidate {candidate} of {run_id} ({artifact.model_id})",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [artifact.container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": report_uri}}},
        "CustomerMetadataProperties": {
            DIGEST: digest,
            RUN_ID: run_id,
            USE_CASE: use_case,
            CANDIDATE: candidate,
        },
        # The same run asks again with the same token: SageMaker then makes no second package.
        "ClientToken": short_hash(run_id, candidate, digest, length=36),
    }
