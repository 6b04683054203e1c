"""A hub document says how JumpStart trains its model, or a sentence says why it can't."""

import json
from typing import Any

import pytest

from fmops.catalog.models import HubDocument
from fmops.catalog.trainers import Trainer, trainer
from fmops.core.errors import LaunchRefused

SCRIPT, WEIGHTS, OWN = "s3://code/sourcedir.tar.gz", "s3://weights/train.tar.gz", "s3://private/g5/train.tar.gz"
IMAGES = {family: {"Properties": {"ImageUri": f"registry/train:{family}"}} for family in ("g5", "g4dn")}
HYPERPARAMETERS = [
    {"Name": "epoch", "Type": "int", "Default": 5, "Min": 1, "Max": 1000},
    {"Name": "learning_rate", "Type": "float", "Default": 0.0001, "Min": 1e-08, "Max": 1},
    {"Name": "instruction_tuned", "Type": "text", "Default": "False", "Options": ["True", "False"]},
    {"Name": "sagemaker_program", "Type": "text", "Default": "transfer_learning.py", "Scope": "container"},
    {"Name": "sagemaker_container_log_level", "Type": "text", "Default": "20", "Scope": "container"},
]


def trained(asked: dict[str, Any] | None = None, instance_type: str = "ml.g5.2xlarge", **members: Any) -> Trainer:
    document = {
        "TrainingSupported": True,
        "TrainingScriptUri": SCRIPT,
        "TrainingArtifactUri": WEIGHTS,
        "TrainingInstanceTypeVariants": {"Variants": IMAGES},
        "SupportedTrainingInstanceTypes": ["ml.g5.2xlarge", "ml.g4dn.xlarge", "ml.c6i.xlarge"],
        "Hyperparameters": HYPERPARAMETERS,
        **members,
    }
    return trainer(HubDocument.model_validate(document), "m", instance_type, asked or {}, accept_eula=False)


def test_hyperparameters_are_json_and_the_documents_fill_up_ours() -> None:
    found = trained({"epoch": 3}).hyperparameters

    assert found == {
        "epoch": '"3"',
        "learning_rate": '"0.0001"',
        "instruction_tuned": '"False"',
        "sagemaker_program": '"transfer_learning.py"',
        "sagemaker_container_log_level": "20",
    }


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"epoch": 0}, r"takes epoch from 1\.0 to 1000\.0, not 0"),
        ({"epoch": 1.5}, "takes epoch as a whole number, not 1.5"),
        ({"learning_rate": "fast"}, "takes learning_rate as a number, not fast"),
        ({"instruction_tuned": "maybe"}, "takes instruction_tuned as one of True, False, not maybe"),
        ({"lora": 3}, "has no hyperparameter lora; it has epoch, "),
    ],
)
def test_a_hyperparameter_that_the_trainer_does_not_take_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(LaunchRefused, match=message):
        trained(asked)


def test_weights_and_code_come_in_channels() -> None:
    weights, code = trained().channels

    assert (weights["ChannelName"], weights["DataSource"]["S3DataSource"]["S3Uri"]) == ("model", WEIGHTS)
    assert (code["ChannelName"], code["DataSource"]["S3DataSource"]["S3Uri"]) == ("code", SCRIPT)


def test_a_trainer_that_fetches_its_weights_is_told_where_they_are() -> None:
    variants = {"Variants": {"g5": {"Properties": {"ImageUri": "registry/train:g5", "GatedModelEnvVarUri": OWN}}}}

    found = trained(TrainingInstanceTypeVariants=variants)

    assert [channel["ChannelName"] for channel in found.channels] == ["code"]
    assert found.environment == {"SageMakerGatedModelS3Uri": OWN, "accept_eula": "true"}


@pytest.mark.parametrize(("instance_type", "volume"), [("ml.g5.2xlarge", 30), ("ml.g4dn.xlarge", 30)])
def test_types_with_disks_of_their_own_get_the_smallest_volume(instance_type: str, volume: int) -> None:
    assert trained(instance_type=instance_type, TrainingVolumeSize=256).volume_gb == volume


def test_other_types_get_the_documents_volume_and_image() -> None:
    found = trained(instance_type="ml.c6i.xlarge", TrainingVolumeSize=256, TrainingEcrUri="registry/train:cpu")

    assert (found.volume_gb, found.image) == (256, "registry/train:cpu")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"TrainingSupported": False}, "brings no trainer for m; set tune.trainer to own"),
        ({"GatedBucket": True}, "set accept_eula on the candidate"),
        ({"SupportedTrainingInstanceTypes": ["ml.p5.48xlarge"]}, r"not trained on ml\.g5\.2xlarge; its types are"),
        ({"TrainingInstanceTypeVariants": None}, "names no training image"),
        ({"TrainingArtifactUri": None}, "names no weights"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_the_reason(members: dict[str, Any], message: str) -> None:
    with pytest.raises(LaunchRefused, match=message):
        trained(**members)


def test_nested_documents_may_be_json_text() -> None:
    packed = trained({"epoch": 2}, Hyperparameters=json.dumps(HYPERPARAMETERS))

    assert packed.hyperparameters["epoch"] == '"2"'
