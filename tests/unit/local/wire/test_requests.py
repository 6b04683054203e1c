"""What a request says, by botocore's models."""

import json
from datetime import UTC, datetime

import pytest

from local.protocol import AwsError
from local.wire import request as requests
from local.wire.models import match, service_model, service_of
from local.wire.validation import validate


def test_json_operation_is_named_by_its_target() -> None:
    found = match("sagemaker", "POST", "/", "SageMaker.DescribeTrainingJob")

    assert found is not None
    assert found.operation.name == "DescribeTrainingJob"


def test_rest_operation_is_found_by_path_with_its_variables_decoded() -> None:
    found = match("lambda", "POST", "/2015-03-31/functions/my%3Afunction/invocations", "")

    assert found is not None
    assert (found.operation.name, found.uri) == ("Invoke", {"FunctionName": "my:function"})


def test_literal_path_goes_ahead_of_a_variable() -> None:
    found = match("lambda", "GET", "/2015-03-31/functions/", "")

    assert found is not None
    assert found.operation.name == "ListFunctions"


def test_path_of_no_operation_matches_nothing() -> None:
    assert match("scheduler", "GET", "/nothing/here", "") is None


def test_sagemaker_and_its_runtime_share_a_scope_and_are_told_apart() -> None:
    assert service_of("sagemaker", "SageMaker.CreateModel", "/") == "sagemaker"
    assert service_of("sagemaker", "", "/endpoints/chat/invocations") == "sagemaker-runtime"


def test_rest_request_takes_members_from_path_query_header_and_payload() -> None:
    operation = service_model("lambda").operation_model("Invoke")

    found = requests.parse(
        operation,
        {"FunctionName": "f"},
        "Qualifier=live",
        {"x-amz-invocation-type": "Event", "X-Amz-Log-Type": "Tail"},
        b'{"a": 1}',
    )

    assert found == {
        "FunctionName": "f",
        "Qualifier": "live",
        "InvocationType": "Event",
        "LogType": "Tail",
        "Payload": b'{"a": 1}',
    }


def test_timestamps_come_as_aware_datetimes_and_blobs_as_bytes() -> None:
    events = service_model("events").operation_model("PutEvents")
    lambda_ = service_model("lambda").operation_model("PublishLayerVersion")

    put = requests.parse(events, {}, "", {}, json.dumps({"Entries": [{"Time": 1.5}]}).encode())
    published = requests.parse(
        lambda_, {"LayerName": "l"}, "", {}, json.dumps({"Content": {"ZipFile": "aGk="}}).encode()
    )

    assert put["Entries"][0]["Time"] == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert published["Content"]["ZipFile"] == b"hi"


def test_body_that_is_no_json_is_refused() -> None:
    operation = service_model("sagemaker").operation_model("ListModels")

    with pytest.raises(AwsError, match="SerializationException"):
        requests.parse(operation, {}, "", {}, b"{")


def _check(service: str, operation: str, **members: object) -> None:
    validate(service_model(service).operation_model(operation), members)


@pytest.mark.parametrize(
    "members, complaint",
    [
        ({}, "Missing required parameter"),
        ({"TrainingJobName": 1}, "Invalid type"),
        ({"TrainingJobName": "a" * 64}, "length less than or equal to 63"),
        ({"TrainingJobName": "under_score"}, "regular expression pattern"),
        ({"TrainingJobName": "ok", "Unknown": 1}, "Unknown parameter"),
    ],
)
def test_request_that_breaks_the_model_is_refused(members: dict[str, object], complaint: str) -> None:
    with pytest.raises(AwsError, match=complaint) as refused:
        _check("sagemaker", "DescribeTrainingJob", **members)

    assert refused.value.code == "ValidationException"


def test_value_outside_of_an_enum_is_refused_with_the_place() -> None:
    with pytest.raises(
        AwsError, match="at 'modelApprovalStatus' failed to satisfy constraint: Member must satisfy enum"
    ):
        _check(
            "sagemaker",
            "UpdateModelPackage",
            ModelPackageArn="arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1",
            ModelApprovalStatus="Maybe",
        )


def test_several_violations_are_all_told() -> None:
    with pytest.raises(AwsError, match="2 validation errors detected"):
        _check("sagemaker", "ListModels", SortBy="Colour", SortOrder="Sideways")
