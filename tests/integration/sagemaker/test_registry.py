"""The model registry counts versions, keeps approvals, and tells of every change."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

EVENT = "SageMaker Model Package State Change"
SPECIFICATION = {
    "Containers": [{"Image": "registry/llm:1", "ModelDataUrl": "s3://models/model.tar.gz"}],
    "SupportedContentTypes": ["application/json"],
    "SupportedResponseMIMETypes": ["application/json"],
}


@pytest.fixture
def sagemaker(aws: Any) -> Any:
    client = aws.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="group", ModelPackageGroupDescription="ours")
    return client


def register(sagemaker: Any, **members: Any) -> str:
    answer = sagemaker.create_model_package(
        ModelPackageGroupName="group",
        InferenceSpecification=SPECIFICATION,
        **{"ModelApprovalStatus": "PendingManualApproval", **members},
    )
    arn: str = answer["ModelPackageArn"]
    return arn


def test_packages_of_a_group_are_numbered_and_a_number_is_never_given_twice(sagemaker: Any) -> None:
    first = register(sagemaker)
    second = register(sagemaker)
    sagemaker.delete_model_package(ModelPackageName=second)

    third = register(sagemaker)

    assert [arn.rpartition("/")[2] for arn in (first, second, third)] == ["1", "2", "3"]


def test_everything_of_a_package_is_described(sagemaker: Any) -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/summary.json"}}}

    arn = register(
        sagemaker,
        ModelMetrics=metrics,
        CustomerMetadataProperties={"run_id": "7"},
        ModelPackageDescription="run 7",
    )

    package = sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["ModelMetrics"] == metrics
    assert package["CustomerMetadataProperties"] == {"run_id": "7"}
    assert package["ModelPackageVersion"] == 1
    assert package["ModelPackageStatus"] == "Completed"
    assert package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == "s3://models/model.tar.gz"


def test_an_approval_is_kept_and_told(aws: Any, sagemaker: Any) -> None:
    arn = register(sagemaker, CustomerMetadataProperties={"run_id": "7", "old": "x"})

    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="by alice",
        CustomerMetadataProperties={"approver": "alice"},
        CustomerMetadataPropertiesToRemove=["old"],
    )

    package = sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["ModelApprovalStatus"] == "Approved"
    assert package["ApprovalDescription"] == "by alice"
    assert package["CustomerMetadataProperties"] == {"run_id": "7", "approver": "alice"}
    created, approved = aws.events
    assert created["resources"] == [arn]
    assert created["detail"]["ModelApprovalStatus"] == "PendingManualApproval"
    assert "UpdatedModelPackageFields" not in created["detail"]
    assert approved["detail"]["ModelApprovalStatus"] == "Approved"
    assert approved["detail"]["ModelPackageVersion"] == 1
    assert approved["detail"]["UpdatedModelPackageFields"] == [
        "ModelApprovalStatus",
        "ApprovalDescription",
        "CustomerMetadataProperties",
    ]
    assert approved["detail"]["CreationTime"].endswith("Z")


def test_packages_are_listed_by_group_and_approval(sagemaker: Any) -> None:
    first, second = register(sagemaker), register(sagemaker)
    sagemaker.update_model_package(ModelPackageArn=second, ModelApprovalStatus="Approved")
    sagemaker.create_model_package(ModelPackageName="alone", InferenceSpecification=SPECIFICATION)

    def listed(**filters: Any) -> list[str]:
        return [item["ModelPackageArn"] for item in sagemaker.list_model_packages(**filters)["ModelPackageSummaryList"]]

    assert set(listed(ModelPackageGroupName="group")) == {first, second}
    assert listed(ModelPackageGroupName="group", ModelApprovalStatus="Approved") == [second]
    assert [arn.rpartition("/")[2] for arn in listed()] == ["alone"]


def test_a_group_with_packages_is_not_deleted(sagemaker: Any) -> None:
    arn = register(sagemaker)

    with pytest.raises(ClientError) as caught:
        sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert caught.value.response["Error"]["Code"] == "ConflictException"

    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_what_does_not_exist_has_aws_words(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match=r"ModelPackageGroup arn:.*:model-package-group/other does not exist\."):
        sagemaker.describe_model_package_group(ModelPackageGroupName="other")
    with pytest.raises(ClientError, match=r"ModelPackage arn:.*:model-package/group/9 does not exist\."):
        sagemaker.describe_model_package(
            ModelPackageName="arn:aws:sagemaker:us-east-1:123456789012:model-package/group/9"
        )
    with pytest.raises(ClientError, match="Model Package Group already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")


def test_tags_can_be_added_and_taken_away(sagemaker: Any) -> None:
    arn = sagemaker.describe_model_package_group(ModelPackageGroupName="group")["ModelPackageGroupArn"]

    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "dev"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["stage"])

    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
