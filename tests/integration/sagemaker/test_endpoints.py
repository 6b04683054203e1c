"""Endpoints are processes that load the model's artifact and answer InvokeEndpoint."""

import base64
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Deploy = Callable[..., None]

EVENT = "SageMaker Endpoint State Change"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://capture/chat",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}


def prefix(uri: str) -> dict[str, Any]:
    return {"ModelDataSource": {"S3DataSource": {"S3Uri": uri, "S3DataType": "S3Prefix", "CompressionType": "None"}}}


@pytest.fixture
def configure(aws: Any) -> Deploy:
    """Create a model and an endpoint configuration of the given name."""
    aws.put("models", {"a/config.json": '{"name": "a"}', "b/config.json": '{"name": "b"}'})
    aws.put("models", {"bad/config.json": '{"broken": true}'})
    aws.put("capture", {})

    def create(name: str, container: dict[str, Any], **members: Any) -> None:
        sagemaker = aws.client("sagemaker")
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn="arn:aws:iam::123456789012:role/endpoint",
            PrimaryContainer={"Image": "registry/llm:1", **container},
            EnableNetworkIsolation=members.pop("isolated", False),
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.g5.xlarge",
            "InitialVariantWeight": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **members)

    return create


@pytest.fixture
def deploy(aws: Any, configure: Deploy, soon: Callable[..., Any]) -> Deploy:
    """Create an endpoint named `chat` and wait until it serves, or failed."""

    def create(container: dict[str, Any], **members: Any) -> None:
        configure("chat-1", container, **members)
        aws.client("sagemaker").create_endpoint(EndpointName="chat", EndpointConfigName="chat-1")
        settled(aws, soon)

    return create


def settled(aws: Any, soon: Callable[..., Any]) -> Any:
    def look() -> Any:
        endpoint = aws.client("sagemaker").describe_endpoint(EndpointName="chat")
        return endpoint if endpoint["EndpointStatus"] in ("InService", "Failed") else None

    return soon(look)


def ask(aws: Any, inputs: str, **members: Any) -> Any:
    body = {"inputs": inputs, **members.pop("body", {})}
    answer = aws.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="chat", Body=json.dumps(body), ContentType="application/json", **members
    )
    return json.loads(answer["Body"].read())


def test_an_endpoint_serves_a_folder_of_weights(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"))

    assert ask(aws, "hello") == [{"generated_text": "a: hello"}]
    assert aws.told(EVENT, "EndpointStatus") == ["CREATING", "IN_SERVICE"]
    described = aws.client("sagemaker").describe_endpoint(EndpointName="chat")
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1


def test_an_endpoint_serves_a_packed_model(aws: Any, deploy: Deploy) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        body = b'{"name": "packed"}'
        info = tarfile.TarInfo("config.json")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    aws.put("models", {"model.tar.gz": packed.getvalue()})

    deploy({"ModelDataUrl": "s3://models/model.tar.gz"})

    assert ask(aws, "hello") == [{"generated_text": "packed: hello"}]


def test_an_approved_package_can_be_served(aws: Any, deploy: Deploy) -> None:
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="group",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": "registry/llm:1", **prefix("s3://models/b/")}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    refused = {"ModelPackageName": package}
    with pytest.raises(ClientError, match="its approval status is PendingManualApproval"):
        sagemaker.create_model(
            ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/e", PrimaryContainer=refused
        )

    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    deploy({"ModelPackageName": package})

    assert ask(aws, "hello") == [{"generated_text": "b: hello"}]


def test_the_container_gets_the_models_environment_and_role(aws: Any, deploy: Deploy) -> None:
    deploy({**prefix("s3://models/a/"), "Environment": {"FROM_THE_MODEL": "yes"}})

    environment = ask(aws, "environment")
    assert environment["FROM_THE_MODEL"] == environment["FROM_THE_IMAGE"] == "yes"
    assert environment["AWS_ACCESS_KEY_ID"] == "arn:aws:iam::123456789012:role/endpoint"


def test_an_isolated_container_gets_neither_credentials_nor_an_address(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"), isolated=True)

    assert not [name for name in ask(aws, "environment") if name.startswith("AWS_")]


def test_a_model_that_does_not_load_fails_the_endpoint(aws: Any, deploy: Deploy, soon: Callable[..., Any]) -> None:
    deploy(prefix("s3://models/bad/"))

    endpoint = settled(aws, soon)
    assert endpoint["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in endpoint["FailureReason"]
    assert aws.told(EVENT, "EndpointStatus") == ["CREATING", "FAILED"]
    with pytest.raises(ClientError, match="Endpoint chat of account 123456789012 not found"):
        ask(aws, "hello")


def test_a_missing_artifact_fails_the_endpoint(aws: Any, deploy: Deploy, soon: Callable[..., Any]) -> None:
    deploy(prefix("s3://models/none/"))

    assert "Failed to download model data" in settled(aws, soon)["FailureReason"]


def test_an_endpoint_without_capacity_fails(aws: Any, deploy: Deploy, soon: Callable[..., Any]) -> None:
    aws.sagemaker.faults.no_capacity("chat")

    deploy(prefix("s3://models/a/"))

    assert "InsufficientInstanceCapacity" in settled(aws, soon)["FailureReason"]


def test_a_deleted_endpoint_is_gone(aws: Any, deploy: Deploy, soon: Callable[..., Any]) -> None:
    deploy(prefix("s3://models/a/"))
    sagemaker = aws.client("sagemaker")

    sagemaker.delete_endpoint(EndpointName="chat")

    def gone() -> bool:
        return not sagemaker.list_endpoints()["Endpoints"]

    soon(gone)
    assert aws.told(EVENT, "EndpointStatus")[-1] == "DELETING"
    with pytest.raises(
        ClientError, match='Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/chat"'
    ):
        sagemaker.describe_endpoint(EndpointName="chat")
    with pytest.raises(ClientError) as caught:
        ask(aws, "hello")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_endpoint_that_is_being_created_cannot_be_changed(aws: Any, configure: Deploy) -> None:
    configure("chat-1", prefix("s3://models/a/"))
    sagemaker = aws.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="chat", EndpointConfigName="chat-1")

    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName="chat")


def test_an_update_serves_the_new_model(aws: Any, deploy: Deploy, configure: Deploy, soon: Callable[..., Any]) -> None:
    deploy(prefix("s3://models/a/"))
    configure("chat-2", prefix("s3://models/b/"))

    aws.client("sagemaker").update_endpoint(EndpointName="chat", EndpointConfigName="chat-2")

    endpoint = settled(aws, soon)
    assert endpoint["EndpointConfigName"] == "chat-2"
    assert ask(aws, "hello") == [{"generated_text": "b: hello"}]
    assert aws.told(EVENT, "EndpointStatus") == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]


def test_an_update_that_fails_goes_back_to_what_served(
    aws: Any, deploy: Deploy, configure: Deploy, soon: Callable[..., Any]
) -> None:
    deploy(prefix("s3://models/a/"))
    configure("chat-2", prefix("s3://models/bad/"))

    aws.client("sagemaker").update_endpoint(EndpointName="chat", EndpointConfigName="chat-2")

    endpoint = settled(aws, soon)
    assert endpoint["EndpointConfigName"] == "chat-1"
    assert "ping health check" in endpoint["FailureReason"]
    assert ask(aws, "hello") == [{"generated_text": "a: hello"}]


def test_a_containers_error_is_a_model_error(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"))

    with pytest.raises(ClientError) as caught:
        ask(aws, "fail", body={"status": 400})

    response = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 400
    assert json.loads(response["OriginalMessage"]) == {"error": "as you wished"}
    assert "Received client error (400) from primary" in response["Error"]["Message"]


def test_invocations_are_counted(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"))
    ask(aws, "one")
    for status in (400, 503):
        with pytest.raises(ClientError):
            ask(aws, "fail", body={"status": status})

    aws.sagemaker.flush()

    def total(metric: str) -> float:
        points = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": "chat"}, {"Name": "VariantName", "Value": "AllTraffic"}],
            StartTime=aws.clock.now() - 600,
            EndTime=aws.clock.now() + 60,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    assert total("Invocations") == 3
    assert total("Invocation4XXErrors") == total("Invocation5XXErrors") == 1
    assert total("ModelLatency") > 0


def test_traffic_is_captured_under_the_hour_of_the_embedded_clock(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"), DataCaptureConfig=CAPTURE)
    hour = aws.clock.datetime()

    ask(aws, "hello", InferenceId="mine", CustomAttributes="c")
    aws.clock.advance(3600)

    ((key, body),) = aws.objects("capture").items()
    assert key.startswith(f"chat/chat/AllTraffic/{hour:%Y/%m/%d/%H}/")
    assert key.endswith(".jsonl")
    record = json.loads(body)
    assert record["captureData"] == {
        "endpointInput": {
            "observedContentType": "application/json",
            "mode": "INPUT",
            "data": '{"inputs": "hello"}',
            "encoding": "JSON",
        },
        "endpointOutput": {
            "observedContentType": "application/json",
            "mode": "OUTPUT",
            "data": '[{"generated_text": "a: hello"}]',
            "encoding": "JSON",
        },
    }
    assert record["eventMetadata"]["inferenceId"] == "mine"
    assert record["eventMetadata"]["customAttributes"] == ["c"]
    assert record["eventVersion"] == "0"


def test_other_content_types_are_captured_in_base64(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"), DataCaptureConfig=CAPTURE)

    answer = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="chat", Body=b"abc", ContentType="text/x")
    aws.sagemaker.flush()

    assert answer["Body"].read() == b"cba"
    (body,) = aws.objects("capture").values()
    asked = json.loads(body)["captureData"]["endpointInput"]
    assert (asked["encoding"], base64.b64decode(asked["data"])) == ("BASE64", b"abc")


def test_a_sample_of_nothing_captures_nothing(aws: Any, deploy: Deploy) -> None:
    deploy(prefix("s3://models/a/"), DataCaptureConfig={**CAPTURE, "InitialSamplingPercentage": 0})

    ask(aws, "hello")
    aws.sagemaker.flush()

    assert aws.objects("capture") == {}


def test_models_and_configurations_are_described_listed_and_deleted(aws: Any, configure: Deploy) -> None:
    configure("chat-1", prefix("s3://models/a/"), DataCaptureConfig=CAPTURE)
    sagemaker = aws.client("sagemaker")

    assert sagemaker.describe_model(ModelName="chat-1")["PrimaryContainer"]["Image"] == "registry/llm:1"
    config = sagemaker.describe_endpoint_config(EndpointConfigName="chat-1")
    assert config["DataCaptureConfig"] == CAPTURE
    assert [item["ModelName"] for item in sagemaker.list_models()["Models"]] == ["chat-1"]

    sagemaker.delete_endpoint_config(EndpointConfigName="chat-1")
    sagemaker.delete_model(ModelName="chat-1")

    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        sagemaker.describe_endpoint_config(EndpointConfigName="chat-1")
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.describe_model(ModelName="chat-1")
