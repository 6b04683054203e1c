"""The request of a fine-tuning by our own container. Pure."""

from typing import Any

from fmops.core.errors import LaunchRefused
from fmops.evaluation.places import CandidatePlaces
from fmops.evaluation.planning.plans import SPOT_WAIT_SECONDS, PlannedCandidate
from fmops.launches.options import Option
from fmops.serving.models import Artifact
from fmops.usecases.candidates import Tuning

_VOLUME_GB = 50
_NOT_HYPERPARAMETERS = {
    "trainer",
    "hyperparameters",
    "instance_type",
    "other_instance_types",
    "max_runtime_seconds",
    "spot",
    "checkpoints",
}


def training_job(
    name: str,
    candidate: PlannedCandidate,
    tune: Tuning,
    places: CandidatePlaces,
    *,
    option: Option,
    image: str,
    role_arn: str,
) -> dict[str, Any]:
    """CreateTrainingJob. LaunchRefused where the model's weights are in a form that the container can't read."""
    if not isinstance(candidate.artifact, Artifact):
        raise LaunchRefused(f"candidate {candidate.id} answers elsewhere: it has no weights here to be tuned")
    source = candidate.artifact.container["ModelDataSource"]["S3DataSource"]
    if source["CompressionType"] != "None":
        raise LaunchRefused(
            f"{candidate.artifact.model_id} is published as an archive; the fine-tuning container reads folders only"
        )
    gated = {"ModelAccessConfig": source["ModelAccessConfig"]} if "ModelAccessConfig" in source else {}
    return {
        "TrainingJobName": name,
        "RoleArn": role_arn,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "train:loss", "Regex": r"train_loss=([0-9\.]+)"}],
        },
        "HyperParameters": hyperparameters(tune),
        "InputDataConfig": [
            _channel("training", {"S3Uri": places.training.uri}),
            _channel("model", {"S3Uri": source["S3Uri"], **gated}),
        ],
        "OutputDataConfig": {"S3OutputPath": places.models.uri, "CompressionType": "NONE"},
        "ResourceConfig": {"InstanceType": option.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB},
        "StoppingCondition": {"MaxRuntimeInSeconds": tune.max_runtime_seconds, **_waiting(tune, option)},
        # Of SageMaker's own failures only, and within the same time limit.
        "RetryStrategy": {"MaximumRetryAttempts": 2},
        **({"EnableManagedSpotTraining": True} if option.spot else {}),
        # All attempts of a candidate share them: one on demand goes on where spot was given up.
        **(
            {"CheckpointConfig": {"S3Uri": places.checkpoints.uri, "LocalPath": "/opt/ml/checkpoints"}}
            if tune.checkpoints
            else {}
        ),
        "EnableNetworkIsolation": True,
    }


def hyperparameters(tune: Tuning) -> dict[str, str]:
    """SageMaker takes texts only; what the use case leaves open is left to the container."""
    given = tune.model_dump(mode="json", exclude=_NOT_HYPERPARAMETERS, exclude_none=True)
    return {name: str(value) for name, value in given.items()}


def _waiting(tune: Tuning, option: Option) -> dict[str, int]:
    return {"MaxWaitTimeInSeconds": tune.max_runtime_seconds + SPOT_WAIT_SECONDS} if option.spot else {}


def _channel(name: str, source: dict[str, Any]) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated", **source}
        },
    }
