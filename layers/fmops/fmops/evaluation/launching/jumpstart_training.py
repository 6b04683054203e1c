"""Fine-tuning by JumpStart's own trainers: which one, with what, and the request. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fmops.catalog.models import HubDocument
from fmops.catalog.trainers import Trainer, Value, brings_trainer, trainer
from fmops.evaluation.places import CandidatePlaces
from fmops.usecases.candidates import Tuning

# What a member of the use case's `tune` is called by JumpStart's scripts; they do not agree among themselves.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "epochs": ("epoch", "epochs", "num_train_epochs"),
    "max_steps": ("max_steps",),
    "learning_rate": ("learning_rate",),
    "lora_r": ("lora_r",),
    "batch_size": ("per_device_train_batch_size", "batch_size"),
    "max_length": ("max_input_length", "max_seq_length"),
    "seed": ("seed",),
}
# The rows are rendered as instructions with a template.
_INSTRUCTIONS: Final[Mapping[str, str]] = {"instruction_tuned": "True", "chat_dataset": "False"}


def trainers(document: HubDocument, model_id: str, tune: Tuning | None, *, accept_eula: bool) -> dict[str, Trainer]:
    """JumpStart's trainer for each instance type that may be tried; nothing where our own container trains.

    LaunchRefused where the use case asks for a trainer that the model does not bring, or not on such a type.
    """
    if tune is None or tune.trainer == "own" or (tune.trainer == "auto" and not brings_trainer(document)):
        return {}
    asked = _asked(document, tune)
    return {
        each: trainer(document, model_id, each, asked, accept_eula=accept_eula)
        for each in (tune.instance_type, *tune.other_instance_types)
    }


def _asked(document: HubDocument, tune: Tuning) -> dict[str, Value]:
    known = {each.name for each in document.hyperparameters or []}
    asked: dict[str, Value] = {name: value for name, value in _INSTRUCTIONS.items() if name in known}
    for member, names in _NAMES.items():
        name = next((each for each in names if each in known), None)
        value = getattr(tune, member)
        if name is not None and value is not None:
            asked[name] = value
    return asked | tune.hyperparameters


def jumpstart_training_job(
    name: str,
    trained_by: Trainer,
    tune: Tuning,
    places: CandidatePlaces,
    *,
    instance_type: str,
    role_arn: str,
    region: str,
) -> dict[str, Any]:
    """CreateTrainingJob as the SageMaker SDK sends it for a JumpStart model.

    Ours are the names, the time limit and that a failure of SageMaker's own is tried again. On demand only: whether a
    trainer of JumpStart's goes on after an interruption its document does not say.
    """
    told = {"sagemaker_job_name": name, "sagemaker_region": region}
    training = {
        "ChannelName": "training",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": places.training.uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
    return {
        "TrainingJobName": name,
        "RoleArn": role_arn,
        "AlgorithmSpecification": {
            "TrainingImage": trained_by.image,
            "TrainingInputMode": "File",
            **({"MetricDefinitions": trained_by.metrics} if trained_by.metrics else {}),
        },
        "HyperParameters": {
            **trained_by.hyperparameters,
            **{key: json.dumps(value) for key, value in told.items()},
        },
        "InputDataConfig": [training, *trained_by.channels],
        "OutputDataConfig": {
            "S3OutputPath": places.models.uri,
            **({} if trained_by.compressed else {"CompressionType": "NONE"}),
        },
        "ResourceConfig": {
            "InstanceType": instance_type,
            "InstanceCount": 1,
            "VolumeSizeInGB": trained_by.volume_gb,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": tune.max_runtime_seconds},
        "RetryStrategy": {"MaximumRetryAttempts": 2},
        **({"Environment": trained_by.environment} if trained_by.environment else {}),
        "EnableNetworkIsolation": trained_by.network_isolation,
        **({"EnableInterContainerTrafficEncryption": True} if trained_by.encrypt_between_containers else {}),
    }
