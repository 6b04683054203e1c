"""A real hub document becomes a request, or a sentence that says why not."""

import json
from pathlib import Path

import pytest

from fmops.catalog.models import HubDocument
from fmops.catalog.requests import hosted_model
from fmops.core.errors import LaunchRefused

REGISTRY = "123456789012.dkr.ecr.us-east-1.example"


def document(**members: object) -> HubDocument:
    return HubDocument.model_validate(
        {
            "HostingEcrUri": f"{REGISTRY}/tgi:1",
            "HostingArtifactUri": "s3://bucket/model/",
            "SupportedInferenceInstanceTypes": ["ml.g5.2xlarge"],
            "InferenceEnvironmentVariables": [
                {"Name": "SM_NUM_GPUS", "Default": 1, "RequiredForModelClass": True},
                {"Name": "LEVEL", "Default": "20", "RequiredForModelClass": False},
            ],
            **members,
        }
    )


def test_a_plain_document_gives_image_artifact_and_environment() -> None:
    hosted = hosted_model(document(), "m", "ml.g5.2xlarge", accept_eula=False)

    assert hosted.container == {
        "Image": f"{REGISTRY}/tgi:1",
        "Environment": {"SM_NUM_GPUS": "1"},
        "ModelDataSource": {
            "S3DataSource": {"S3Uri": "s3://bucket/model/", "S3DataType": "S3Prefix", "CompressionType": "None"}
        },
    }


def test_the_exact_type_wins_over_its_family() -> None:
    variants = {
        "Variants": {
            "g5": {"Properties": {"ImageUri": f"{REGISTRY}/family", "EnvironmentVariables": {"A": "1", "B": "1"}}},
            "ml.g5.2xlarge": {"Properties": {"EnvironmentVariables": {"B": "2"}}},
        }
    }

    hosted = hosted_model(document(HostingInstanceTypeVariants=variants), "m", "ml.g5.2xlarge", accept_eula=False)

    assert hosted.container["Image"] == f"{REGISTRY}/family"
    assert hosted.container["Environment"] == {"SM_NUM_GPUS": "1", "A": "1", "B": "2"}


def test_nested_documents_may_be_json_text() -> None:
    variants = json.dumps({"Variants": {"g5": {"Properties": {"ImageUri": f"{REGISTRY}/text"}}}})

    hosted = hosted_model(document(HostingInstanceTypeVariants=variants), "m", "ml.g5.2xlarge", accept_eula=False)

    assert hosted.container["Image"] == f"{REGISTRY}/text"


def test_a_gated_model_needs_a_person_who_accepted_its_licence() -> None:
    with pytest.raises(LaunchRefused, match="accept_eula"):
        hosted_model(document(GatedBucket=True), "m", "ml.g5.2xlarge", accept_eula=False)

    hosted = hosted_model(document(GatedBucket=True), "m", "ml.g5.2xlarge", accept_eula=True)

    assert hosted.container["ModelDataSource"]["S3DataSource"]["ModelAccessConfig"] == {"AcceptEula": True}


def test_an_unsupported_type_is_refused_with_the_supported_ones() -> None:
    with pytest.raises(LaunchRefused, match=r"its types are ml\.g5\.2xlarge"):
        hosted_model(document(), "m", "ml.t3.medium", accept_eula=False)


def test_a_document_without_an_image_is_refused() -> None:
    with pytest.raises(LaunchRefused, match="names no image"):
        hosted_model(document(HostingEcrUri=None), "m", "ml.g5.2xlarge", accept_eula=False)


def test_the_top_ranked_configuration_that_supports_the_type_is_taken() -> None:
    components = {
        "fast": {"HostingEcrUri": f"{REGISTRY}/fast", "SupportedInferenceInstanceTypes": ["ml.p5.48xlarge"]},
        "wide": {"HostingEcrUri": f"{REGISTRY}/wide", "SupportedInferenceInstanceTypes": ["ml.g5.2xlarge"]},
    }
    ranked = document(
        InferenceConfigs={"fast": {"ComponentNames": ["fast"]}, "wide": {"ComponentNames": ["wide"]}},
        InferenceConfigComponents=components,
        InferenceConfigRankings={"overall": {"Rankings": ["fast", "wide"]}},
    )

    hosted = hosted_model(ranked, "m", "ml.g5.2xlarge", accept_eula=False)

    assert hosted.container["Image"] == f"{REGISTRY}/wide"


def test_a_real_document_of_jumpstart_gives_its_ranked_image(repo: Path) -> None:
    text = (repo / "tests/data/jumpstart/llama-2-13b.hub-document.json").read_text()

    hosted = hosted_model(HubDocument.model_validate_json(text), "llama", "ml.g5.12xlarge", accept_eula=True)

    assert "huggingface-pytorch-tgi-inference" in hosted.container["Image"]
    assert hosted.container["Environment"]["HF_MODEL_ID"] == "/opt/ml/model"
    assert hosted.network_isolation
