"""The hub lists the documents of a folder, as JumpStart lists its models."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fmops.catalog.models import HubDocument
from fmops.catalog.requests import hosted_model
from local.protocol import LocalError
from local.sagemaker import hub_documents

HUB = {"HubName": "SageMakerPublicHub", "HubContentType": "Model"}


def content(name: str, version: str = "1.0.0", **members: Any) -> dict[str, Any]:
    return {
        "HubContentName": name,
        "HubContentVersion": version,
        "HubContentSearchKeywords": ["@task:text-generation"],
        "HubContentDocument": {"Task": "Text Generation"},
        **members,
    }


def names(answer: Any) -> list[str]:
    return [f"{item['HubContentName']}@{item['HubContentVersion']}" for item in answer["HubContentSummaries"]]


def test_a_published_model_is_listed_with_its_newest_version(aws: Any) -> None:
    for version in ("1.9.0", "1.10.0"):
        aws.sagemaker.hub.publish(content("small", version))
    aws.sagemaker.hub.publish(content("large"))
    sagemaker = aws.client("sagemaker")

    listed = sagemaker.list_hub_contents(**HUB)

    assert names(listed) == ["large@1.0.0", "small@1.10.0"]
    assert listed["HubContentSummaries"][0]["HubContentSearchKeywords"] == ["@task:text-generation"]
    assert listed["HubContentSummaries"][0]["HubContentArn"] == (
        "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/large/1.0.0"
    )
    versions = sagemaker.list_hub_content_versions(**HUB, HubContentName="small", MinVersion="1.10.0")
    assert names(versions) == ["small@1.10.0"]


def test_a_file_in_the_folder_is_a_model(aws: Any) -> None:
    (aws.sagemaker.hub.folder / "mine.json").write_text(json.dumps(content("mine")))

    assert names(aws.client("sagemaker").list_hub_contents(**HUB)) == ["mine@1.0.0"]


def test_models_are_filtered_sorted_and_paged(aws: Any) -> None:
    for number in range(3):
        aws.sagemaker.hub.publish(content(f"model-{number}"))
        aws.clock.advance(60)
    after = aws.clock.datetime() - timedelta(seconds=30)
    aws.sagemaker.hub.publish(content("newest"))
    sagemaker = aws.client("sagemaker")

    assert names(sagemaker.list_hub_contents(**HUB, CreationTimeAfter=after)) == ["newest@1.0.0"]
    first = sagemaker.list_hub_contents(
        **HUB, NameContains="model", SortBy="CreationTime", SortOrder="Descending", MaxResults=2
    )
    rest = sagemaker.list_hub_contents(
        **HUB,
        NameContains="model",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=2,
        NextToken=first["NextToken"],
    )
    assert names(first) == ["model-2@1.0.0", "model-1@1.0.0"]
    assert names(rest) == ["model-0@1.0.0"]
    assert "NextToken" not in rest


def test_a_document_is_described_as_text(aws: Any) -> None:
    aws.sagemaker.hub.publish(content("small", "1.0.0"))
    aws.sagemaker.hub.publish(content("small", "2.0.0", HubContentDocument={"Task": "New"}))
    sagemaker = aws.client("sagemaker")

    newest = sagemaker.describe_hub_content(**HUB, HubContentName="small")
    first = sagemaker.describe_hub_content(**HUB, HubContentName="small", HubContentVersion="1.0.0")

    assert json.loads(newest["HubContentDocument"]) == {"Task": "New"}
    assert first["HubContentVersion"] == "1.0.0"
    assert sagemaker.describe_hub(HubName="SageMakerPublicHub")["HubStatus"] == "InService"


def test_unknown_models_and_hubs_are_not_found(aws: Any) -> None:
    sagemaker = aws.client("sagemaker")

    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_hub_content(**HUB, HubContentName="none")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.list_hub_contents(HubName="other", HubContentType="Model")


def test_a_document_without_a_version_is_refused(aws: Any) -> None:
    with pytest.raises(LocalError, match="lacks HubContentVersion"):
        aws.sagemaker.hub.publish({"HubContentName": "x", "HubContentDocument": {}})


@pytest.mark.parametrize("name", [hub_documents.SMOLLM2, hub_documents.SMOLLM2_NEXT])
def test_our_documents_can_be_published_and_hosted(aws: Any, name: str) -> None:
    aws.sagemaker.hub.publish(hub_documents.load(name))

    described = aws.client("sagemaker").describe_hub_content(**HUB, HubContentName=name)
    document = HubDocument.model_validate_json(described["HubContentDocument"])
    hosted = hosted_model(document, name, "ml.g5.xlarge", accept_eula=False)

    source = hosted.container["ModelDataSource"]["S3DataSource"]
    assert source["S3Uri"] == hub_documents.artifact_uri(hub_documents.load(name))
    assert "huggingface-pytorch-tgi-inference" in hosted.container["Image"]
    assert hosted.container["Environment"]["HF_MODEL_ID"] == "/opt/ml/model"


def test_uploaded_weights_reach_a_container_without_a_second_copy(aws: Any, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(os.urandom(2 * 1024 * 1024))

    count = aws.sagemaker.hub.upload_artifacts(model, "s3://jumpstart-cache-prod-us-east-1/small/v1/")

    transfer = aws.sagemaker.machine.transfer
    found = transfer.find(None, "s3://jumpstart-cache-prod-us-east-1/small/v1/")
    transfer.download(None, found, tmp_path / "input")
    assert count == 2
    assert (tmp_path / "input" / "config.json").read_text() == "{}"
    assert (tmp_path / "input" / "model.safetensors").samefile(model / "model.safetensors")


def test_an_empty_model_folder_is_refused(aws: Any, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="holds no model files"):
        aws.sagemaker.hub.upload_artifacts(tmp_path / "nothing", "s3://jumpstart-cache-prod-us-east-1/small/v1/")
