"""Calls of a role are refused as IAM refuses them, in each service's own shape."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.embedded import EmbeddedAws
from local.protocol import AwsError

MakeRole = Callable[..., str]


def _error(call: Any, **params: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call(**params)
    error: dict[str, Any] = refused.value.response["Error"]
    return error


def test_refusal_names_caller_action_and_resource(aws: EmbeddedAws, make_role: MakeRole) -> None:
    role = make_role("reader")

    error = _error(aws.client("sqs", role).send_message, QueueUrl=f"{aws.url}/123456789012/q", MessageBody="x")

    assert error["Code"] == "AccessDeniedException"
    assert error["Message"] == (
        "User: arn:aws:sts::123456789012:assumed-role/reader/embedded is not authorized to perform: sqs:SendMessage "
        "on resource: arn:aws:sqs:us-east-1:123456789012:q because no identity-based policy allows the "
        "sqs:SendMessage action"
    )


def test_each_service_refuses_in_its_own_words(aws: EmbeddedAws, make_role: MakeRole) -> None:
    role = make_role("nobody")
    aws.client("s3").create_bucket(Bucket="private-bucket")

    codes = {
        "s3": _error(aws.client("s3", role).list_objects_v2, Bucket="private-bucket")["Code"],
        "sns": _error(aws.client("sns", role).publish, TopicArn="arn:aws:sns:us-east-1:123456789012:t", Message="m")[
            "Code"
        ],
        "iam": _error(aws.client("iam", role).list_roles)["Code"],
        "lambda": _error(aws.client("lambda", role).list_functions)["Code"],
        "events": _error(aws.client("events", role).list_rules)["Code"],
    }

    assert codes == {
        "s3": "AccessDenied",
        "sns": "AuthorizationError",
        "iam": "AccessDenied",
        "lambda": "AccessDeniedException",
        "events": "AccessDeniedException",
    }


def test_policy_change_counts_at_once(aws: EmbeddedAws, make_role: MakeRole) -> None:
    role = make_role("growing")
    ssm = aws.client("ssm", role)
    aws.client("ssm").put_parameter(Name="/a", Value="1", Type="String")
    _error(ssm.get_parameter, Name="/a")

    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]}'
    )
    aws.client("iam").put_role_policy(RoleName="growing", PolicyName="p", PolicyDocument=policy)

    assert ssm.get_parameter(Name="/a")["Parameter"]["Value"] == "1"


def test_missing_object_is_hidden_from_those_who_may_not_list(aws: EmbeddedAws, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="hidden-bucket")
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::hidden-bucket/*"}
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::hidden-bucket"}
    blind, seeing = make_role("blind", read), make_role("seeing", read, listing)

    assert _error(aws.client("s3", blind).get_object, Bucket="hidden-bucket", Key="x")["Code"] == "AccessDenied"
    assert _error(aws.client("s3", seeing).get_object, Bucket="hidden-bucket", Key="x")["Code"] == "NoSuchKey"


def test_bucket_policy_that_denies_is_heeded_with_its_conditions(aws: EmbeddedAws, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="tls-bucket")
    s3.put_object(Bucket="tls-bucket", Key="open/a", Body=b"")
    s3.put_object(Bucket="tls-bucket", Key="closed/a", Body=b"")
    deny = '{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls-bucket/*"'
    plain = f'{deny}, "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}'
    closed = f"{deny.replace('tls-bucket/*', 'tls-bucket/closed/*')}}}"
    s3.put_bucket_policy(Bucket="tls-bucket", Policy=f'{{"Version": "2012-10-17", "Statement": [{plain}, {closed}]}}')
    reader = aws.client("s3", make_role("tls", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))

    assert reader.get_object(Bucket="tls-bucket", Key="open/a")["ContentLength"] == 0
    assert "explicit deny" in _error(reader.get_object, Bucket="tls-bucket", Key="closed/a")["Message"]


def test_leading_keys_fence_a_role_into_its_items(aws: EmbeddedAws, make_role: MakeRole) -> None:
    aws.client("dynamodb").create_table(
        TableName="fenced",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:PutItem",
        "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/fenced",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RUN#*"]}},
    }
    dynamodb = aws.client("dynamodb", make_role("fenced", statement))

    dynamodb.put_item(TableName="fenced", Item={"pk": {"S": "RUN#1"}})

    error = _error(dynamodb.put_item, TableName="fenced", Item={"pk": {"S": "JOB#1"}})
    assert error["Code"] == "AccessDeniedException"


def test_caller_identity_is_the_session_and_needs_no_rights(aws: EmbeddedAws, make_role: MakeRole) -> None:
    identity = aws.client("sts", make_role("somebody")).get_caller_identity()

    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/somebody/embedded"


def test_trust_is_asked_for(aws: EmbeddedAws, make_role: MakeRole) -> None:
    role = make_role("machine", service="states.amazonaws.com")

    assert aws.may_assume(role, "states.amazonaws.com")
    assert not aws.may_assume(role, "lambda.amazonaws.com")


def test_role_that_does_not_exist_has_no_credentials(aws: EmbeddedAws) -> None:
    with pytest.raises(AwsError, match="NoSuchEntity"):
        aws.credentials_for("arn:aws:iam::123456789012:role/none")
