"""The front: one port for all services, by unmodified boto3."""

import http.client
import io
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from local.embedded import EmbeddedAws

PATTERN = {"source": ["aws.s3"]}


@pytest.fixture
def bucket(aws: EmbeddedAws, request: pytest.FixtureRequest) -> str:
    """A versioned bucket that tells EventBridge."""
    name = f"bucket-{abs(hash(request.node.name)):x}"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


@pytest.fixture
def heard(aws: EmbeddedAws, bucket: str) -> Iterator[list[dict[str, Any]]]:
    """What EventBridge is told about the bucket. Filled by `_events`."""
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        },
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    pattern = json.dumps({**PATTERN, "detail": {"bucket": {"name": [bucket]}}})
    events.put_rule(Name=bucket, EventPattern=pattern)
    events.put_targets(Rule=bucket, Targets=[{"Id": "1", "Arn": arn}])
    yield []
    events.remove_targets(Rule=bucket, Ids=["1"])
    events.delete_rule(Name=bucket)


def _events(aws: EmbeddedAws, bucket: str) -> list[dict[str, Any]]:
    aws.events.drain(10)
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=bucket)["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(found, key=lambda event: str(event["detail"]["object"]["sequencer"]))


def _get(url: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.usefixtures("heard")
def test_object_that_is_put_is_told_once_in_the_documented_shape(aws: EmbeddedAws, bucket: str) -> None:
    put = aws.client("s3").put_object(Bucket=bucket, Key="inbox/a+b ü.jsonl", Body=b"{}\n")

    (event,) = _events(aws, bucket)
    assert (event["detail-type"], event["resources"]) == ("Object Created", [f"arn:aws:s3:::{bucket}"])
    detail = event["detail"]
    assert detail["object"] | {"sequencer": ""} == {
        "key": "inbox/a+b ü.jsonl",
        "size": 3,
        "etag": put["ETag"].strip('"'),
        "version-id": put["VersionId"],
        "sequencer": "",
    }
    assert (detail["bucket"], detail["reason"], detail["version"]) == ({"name": bucket}, "PutObject", "0")


@pytest.mark.usefixtures("heard")
def test_multipart_upload_and_copy_are_told_once_each_and_in_order(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")

    s3.upload_fileobj(io.BytesIO(b"x" * 20_000_000), bucket, "large")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "large"})

    told = [(event["detail"]["object"]["key"], event["detail"]["reason"]) for event in _events(aws, bucket)]
    assert told == [("large", "CompleteMultipartUpload"), ("copy", "CopyObject")]


@pytest.mark.usefixtures("heard")
def test_tagging_an_object_is_no_object_created(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")

    s3.put_object(Bucket=bucket, Key="a", Body=b"1", Tagging="team=x")
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "team", "Value": "y"}]})

    assert [event["detail-type"] for event in _events(aws, bucket)] == ["Object Created"]


def test_large_object_comes_back_whole_and_in_ranges(aws: EmbeddedAws, bucket: str) -> None:
    s3, content = aws.client("s3"), bytes(range(256)) * 100_000

    s3.upload_fileobj(io.BytesIO(content), bucket, "large")
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back)

    assert back.getvalue() == content
    assert s3.get_object(Bucket=bucket, Key="large", Range="bytes=10-19")["Body"].read() == content[10:20]
    assert s3.get_object(Bucket=bucket, Key="large", Range="bytes=-5")["Body"].read() == content[-5:]


def test_range_of_an_older_version_is_that_versions(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old text")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"new text")

    part = s3.get_object(Bucket=bucket, Key="k", VersionId=old, Range="bytes=0-2")

    assert part["Body"].read() == b"old"


def test_presigned_url_needs_no_header(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})

    assert _get(url) == (200, b"hello")


def test_unsigned_request_is_refused(aws: EmbeddedAws) -> None:
    status, body = _get(f"{aws.url}/bucket/key")

    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body


def test_no_addition_is_lost_between_threads(aws: EmbeddedAws) -> None:
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="counters",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def add(_: int) -> None:
        dynamodb.update_item(
            TableName="counters",
            Key={"pk": {"S": "a"}},
            UpdateExpression="ADD seen :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(120)))

    item = dynamodb.get_item(TableName="counters", Key={"pk": {"S": "a"}})["Item"]
    assert item["seen"] == {"N": "120"}


def test_waiting_receiver_does_not_keep_senders_out(aws: EmbeddedAws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="slow")["QueueUrl"]
    sender = threading.Timer(0.3, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "hi"})
    sender.start()

    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]

    sender.join()
    assert [message["Body"] for message in messages] == ["hi"]


def test_objects_are_as_old_as_the_embedded_clock_says(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    aws.clock.advance(7 * 86_400)

    s3.put_object(Bucket=bucket, Key="later", Body=b"")

    modified = s3.head_object(Bucket=bucket, Key="later")["LastModified"]
    assert abs(modified.timestamp() - aws.clock.now()) < 120
    assert modified.timestamp() > time.time() + 6 * 86_400


@pytest.mark.parametrize(
    "service, operation, params, what",
    [
        ("kinesis", "list_streams", {}, "the service kinesis"),
        (
            "events",
            "create_archive",
            {"ArchiveName": "a", "EventSourceArn": "arn:aws:events:us-east-1:123456789012:event-bus/default"},
            "events:CreateArchive",
        ),
    ],
)
def test_what_nobody_serves_is_a_loud_501(
    aws: EmbeddedAws, service: str, operation: str, params: dict[str, str], what: str
) -> None:
    with pytest.raises(ClientError, match=f"does not implement {what}") as refused:
        getattr(aws.client(service), operation)(**params)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_put_that_must_be_the_first_is_refused_where_the_object_is_there(aws: EmbeddedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="heads/once.json", Body=b"1", IfNoneMatch="*")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="heads/once.json", Body=b"2", IfNoneMatch="*")

    assert s3.get_object(Bucket=bucket, Key="heads/once.json")["Body"].read() == b"1"


def test_object_under_lock_cannot_be_removed_before_its_time(aws: EmbeddedAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 2}}
    s3.put_object_lock_configuration(
        Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket="locked", Key="head", Body=b"1")["VersionId"]

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="locked", Key="head", VersionId=version)
