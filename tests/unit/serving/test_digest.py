"""An artifact's digest stands for all that changes what is answered, and for nothing else."""

from typing import Any

import pytest

from fmops.serving.digest import digest
from fmops.serving.models import Artifact, ObjectRef


def artifact(**changes: Any) -> Artifact:
    container = {
        "Image": "tgi:1",
        "Environment": {"SM_NUM_GPUS": "1"},
        "ModelDataSource": {
            "S3DataSource": {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
        },
    }
    return Artifact.model_validate(
        {
            "model_id": "m",
            "model_version": "1.0.0",
            "hub_content_arn": "arn:m",
            "container": container,
            "network_isolation": True,
            "timeouts": {"ModelDataDownloadTimeoutInSeconds": 1200},
            "prompt_template": "{input}",
            "decoding": {"max_new_tokens": 64},
            **changes,
        }
    )


def weights(**changes: Any) -> ObjectRef:
    fields = {"key": "m/model.safetensors", "size": 7, "version": "v1", "etag": "e", "sha256": "a" * 64}
    return ObjectRef.model_validate({**fields, **changes})


def test_same_artifact_has_the_same_digest() -> None:
    assert digest(artifact()) == digest(artifact())
    assert digest(artifact()).startswith("sha256:")


@pytest.mark.parametrize(
    "change",
    [
        {"model_version": "1.0.1"},
        {"hub_content_arn": "arn:other"},
        {"prompt_template": "Q: {input}"},
        {"decoding": {"max_new_tokens": 65}},
        {"container": {**artifact().container, "Image": "tgi:2"}},
        {"container": {**artifact().container, "Environment": {}}},
        {"objects": (weights(),)},
    ],
)
def test_what_changes_the_answers_changes_the_digest(change: dict[str, Any]) -> None:
    assert digest(artifact(**change)) != digest(artifact())


@pytest.mark.parametrize(
    "change", [{"size": 8}, {"version": "v2"}, {"sha256": "b" * 64}, {"key": "m/x"}, {"etag": "f"}]
)
def test_another_object_changes_the_digest(change: dict[str, Any]) -> None:
    assert digest(artifact(objects=(weights(**change),))) != digest(artifact(objects=(weights(),)))


def test_the_order_of_objects_and_the_time_outs_do_not_matter() -> None:
    one, two = weights(), weights(key="m/config.json")

    assert digest(artifact(objects=(one, two))) == digest(artifact(objects=(two, one), timeouts={}))


def test_weights_that_nobody_listed_have_no_digest() -> None:
    with pytest.raises(ValueError, match="not listed"):
        digest(artifact().tuned("job", "s3://b/out/model"))


def test_tuned_artifact_names_a_folder_of_weights_and_keeps_the_rest() -> None:
    tuned = artifact().tuned("job", "s3://b/out/model")

    assert tuned.data_uri == "s3://b/out/model/"
    assert tuned.container["Image"] == "tgi:1"
    assert tuned.training_job == "job"
