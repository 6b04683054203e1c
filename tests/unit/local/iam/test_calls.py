"""What API calls need of IAM. The expectations follow the service authorization reference."""

from typing import Any

import pytest

from local.iam.calls import Lookups, Need, needs
from local.protocol import NotImplementedByEmbeddedAws

ROLE = "arn:aws:iam::123456789012:role/job"
LOOKUPS = Lookups(
    hash_key=lambda table, index: "gsi_kind" if index else "pk",
    kms_key=lambda key: f"arn:aws:kms:us-east-1:123456789012:key/{key}",
    secret=lambda name: f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-AbCdEf",
)


def _needs(service: str, operation: str, **params: Any) -> list[Need]:
    return needs(service, operation, params, LOOKUPS)


def _pairs(service: str, operation: str, **params: Any) -> list[tuple[str, str]]:
    return [(need.action, need.resource.rpartition(":")[2]) for need in _needs(service, operation, **params)]


@pytest.mark.parametrize(
    "service, operation, params, expected",
    [
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "b/k")]),
        ("s3", "GetObject", {"Bucket": "b", "Key": "k", "VersionId": "1"}, [("s3:GetObjectVersion", "b/k")]),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "b")]),
        ("s3", "UploadPart", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "b/k")]),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "/from/a%20b"},
            [("s3:PutObject", "b/k"), ("s3:GetObject", "from/a b")],
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
            [("s3:DeleteObject", "b/x"), ("s3:DeleteObjectVersion", "b/y")],
        ),
        ("lambda", "Invoke", {"FunctionName": "f"}, [("lambda:InvokeFunction", "f")]),
        (
            "sagemaker",
            "CreateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            [("sagemaker:CreateEndpoint", "endpoint/e"), ("sagemaker:CreateEndpoint", "endpoint-config/c")],
        ),
        ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "e"}, [("sagemaker:InvokeEndpoint", "endpoint/e")]),
        ("sagemaker", "ListTrainingJobs", {}, [("sagemaker:ListTrainingJobs", "*")]),
        ("stepfunctions", "SendTaskSuccess", {"taskToken": "t"}, [("states:SendTaskSuccess", "*")]),
        ("events", "PutRule", {"Name": "r", "EventBusName": "b"}, [("events:PutRule", "rule/b/r")]),
        ("events", "PutRule", {"Name": "r"}, [("events:PutRule", "rule/r")]),
        ("sqs", "SendMessage", {"QueueUrl": "http://x/123456789012/q"}, [("sqs:SendMessage", "q")]),
        (
            "ssm",
            "GetParameters",
            {"Names": ["/a/b", "c"]},
            [("ssm:GetParameters", "parameter/a/b"), ("ssm:GetParameters", "parameter/c")],
        ),
        ("kms", "GenerateMac", {"KeyId": "k"}, [("kms:GenerateMac", "key/k")]),
        ("sts", "GetCallerIdentity", {}, []),
    ],
)
def test_call_needs_these_actions(
    service: str, operation: str, params: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert _pairs(service, operation, **params) == expected


def test_public_hub_belongs_to_aws() -> None:
    (need,) = _needs("sagemaker", "ListHubContents", HubName="SageMakerPublicHub", HubContentType="Model")

    assert need.resource == "arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub"


def test_job_passes_its_role_and_adds_its_tags() -> None:
    job = _needs(
        "sagemaker",
        "CreateTrainingJob",
        TrainingJobName="j",
        RoleArn=ROLE,
        Tags=[{"Key": "run", "Value": "1"}],
        ResourceConfig={"InstanceType": "ml.m5.large"},
    )

    by_action = {need.action: need for need in job}
    assert by_action["iam:PassRole"].resource == ROLE
    assert by_action["iam:PassRole"].context == {"iam:passedtoservice": "sagemaker.amazonaws.com"}
    assert by_action["sagemaker:AddTags"].resource.endswith("training-job/j")
    assert by_action["sagemaker:CreateTrainingJob"].context["sagemaker:instancetypes"] == "ml.m5.large"
    assert by_action["sagemaker:CreateTrainingJob"].context["aws:requesttag/run"] == "1"


def test_approval_status_of_a_package_is_a_condition_key() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1"

    (need,) = _needs("sagemaker", "UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")

    assert (need.resource, need.context["sagemaker:modelapprovalstatus"]) == (arn, "Approved")


def test_leading_key_of_an_item_is_told() -> None:
    (need,) = _needs("dynamodb", "GetItem", TableName="t", Key={"pk": {"S": "RUN#1"}, "sk": {"S": "x"}})

    assert need.context == {"dynamodb:leadingkeys": ["RUN#1"]}


def test_leading_key_of_a_query_is_read_from_its_expression() -> None:
    (need,) = _needs(
        "dynamodb",
        "Query",
        TableName="t",
        IndexName="by_kind",
        KeyConditionExpression="#k = :k AND gsi_sort > :s",
        ExpressionAttributeNames={"#k": "gsi_kind"},
        ExpressionAttributeValues={":k": {"S": "RUN"}, ":s": {"S": "1"}},
    )

    assert need.resource.endswith("table/t/index/by_kind")
    assert need.context == {"dynamodb:leadingkeys": ["RUN"]}


def test_transaction_needs_the_action_of_each_part() -> None:
    parts = [
        {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}}}},
        {"ConditionCheck": {"TableName": "t", "Key": {"pk": {"S": "b"}}}},
    ]

    found = _needs("dynamodb", "TransactWriteItems", TransactItems=parts)

    assert [need.action for need in found] == ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]
    assert [need.context["dynamodb:leadingkeys"] for need in found] == [["a"], ["b"]]


def test_each_event_is_judged_by_bus_source_and_type() -> None:
    entries = [{"Source": "fmops", "DetailType": "A", "EventBusName": "own"}, {"Source": "x", "DetailType": "B"}]

    found = _needs("events", "PutEvents", Entries=entries)

    assert [need.resource.rpartition(":")[2] for need in found] == ["event-bus/own", "event-bus/default"]
    assert found[0].context["events:source"] == "fmops"


def test_log_group_matches_with_and_without_the_star_behind() -> None:
    (need,) = _needs("logs", "CreateLogStream", logGroupName="/x", logStreamName="s")

    assert [need.resource, *need.also] == [
        "arn:aws:logs:us-east-1:123456789012:log-group:/x",
        "arn:aws:logs:us-east-1:123456789012:log-group:/x:log-stream:s",
    ]


def test_call_that_is_not_understood_is_loud() -> None:
    with pytest.raises(NotImplementedByEmbeddedAws, match="s3:PutBucketNotificationConfiguration"):
        _needs("s3", "PutBucketNotificationConfiguration", Bucket="b")
