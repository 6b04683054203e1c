"""How training jobs are requested, listed and told of."""

from typing import Any

from local.protocol import NotImplementedByEmbeddedAws
from local.sagemaker.jobs import instances
from local.sagemaker.listing import Listing

LISTING = Listing(
    answer="TrainingJobSummaries",
    members=(
        "TrainingJobName",
        "TrainingJobArn",
        "CreationTime",
        "TrainingEndTime",
        "LastModifiedTime",
        "TrainingJobStatus",
        "SecondaryStatus",
    ),
    name="TrainingJobName",
    status="TrainingJobStatus",
)
EVENT = "SageMaker Training Job State Change"
EVENT_MEMBERS = (
    "TrainingJobName",
    "TrainingJobArn",
    "TrainingJobStatus",
    "SecondaryStatus",
    "FailureReason",
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "CreationTime",
    "TrainingStartTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "SecondaryStatusTransitions",
)
EVENT_TIMES = ("CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime")
NOT_DESCRIBED = ("Tags", "SessionChainingConfig")
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading the training image",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "Interrupted": "Training job interrupted: the spot instance was taken away",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def refuse_what_is_unknown(request: dict[str, Any]) -> None:
    if "ServerlessJobConfig" in request:
        raise NotImplementedByEmbeddedAws("serverless customization (ServerlessJobConfig)")
    if "TrainingImage" not in request.get("AlgorithmSpecification", {}):
        raise NotImplementedByEmbeddedAws("training jobs without a TrainingImage")
    for channel in request.get("InputDataConfig", []):
        mode = channel.get("InputMode", request["AlgorithmSpecification"]["TrainingInputMode"])
        if mode == "Pipe" or "S3DataSource" not in channel["DataSource"]:
            raise NotImplementedByEmbeddedAws(f"channel {channel['ChannelName']}: only File and FastFile from S3")


def transition(status: str, now: Any) -> dict[str, Any]:
    return {"Status": status, "StartTime": now, "StatusMessage": _MESSAGES[status]}


def channel_config(channel: dict[str, Any]) -> dict[str, Any]:
    source = channel["DataSource"]["S3DataSource"]
    config = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {**config, "ContentType": channel["ContentType"]} if "ContentType" in channel else config


def resource_config(resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "current_host": "algo-1",
        "current_instance_type": instances(resources)[0],
        "hosts": ["algo-1"],
        "network_interface_name": "eth0",
    }
