"""What moto and our own parts hold is taken down and put into the next embedded AWS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.embedded import EmbeddedAws
from local.keeping.account import Addresses, Keys, Parameters, Queues
from local.keeping.keeper import Keeper
from local.keeping.objects import Objects
from local.keeping.parts import AlarmStates, Mails, Metrics, Time
from local.keeping.shelf import Shelf
from local.keeping.tables import Tables

BUCKET, TABLE = "kept", "ledger"


def deploy(aws: EmbeddedAws) -> dict[str, str]:
    """What a deployment makes; the ids of its keys."""
    s3, kms = aws.client("s3"), aws.client("kms")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.client("sqs").create_queue(QueueName="dead")
    aws.client("ssm").put_parameter(Name="/image", Value="of the template", Type="String")
    aws.client("sns").create_topic(Name="people")
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="late", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    made = {
        "Links": kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
        "Seals": kms.create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY"),
    }
    return {logical: one["KeyMetadata"]["KeyId"] for logical, one in made.items()}


def keeper(aws: EmbeddedAws, folder: Path, keys: dict[str, str]) -> Keeper:
    folder.mkdir(exist_ok=True)
    stores = [
        Time(aws.clock),
        Metrics(aws.cloudwatch.store),
        AlarmStates(aws.alarms),
        Tables(aws.state),
        Queues(aws.state),
        Addresses(aws.state, aws.mailbox.sns),
        Mails(aws.mailbox.inbox),
        Parameters(aws.state),
        Keys(aws.state, keys),
        Objects(aws.state, folder / "objects", without=frozenset()),
    ]
    return Keeper(Shelf(folder / "state.db"), stores)


def after_a_restart(tmp_path: Path, before: Callable[[EmbeddedAws, dict[str, str], Keeper], Any]) -> Any:
    """Do something in one embedded AWS, keep it, and start the next one; what `before` returned comes first."""
    with EmbeddedAws(tmp_path / "one") as aws:
        keys = deploy(aws)
        kept = keeper(aws, tmp_path / "state", keys)
        told = before(aws, keys, kept)
        kept.keep()
    return told


def test_objects_come_back_with_all_their_versions(tmp_path: Path) -> None:
    def before(aws: EmbeddedAws, _keys: dict[str, str], kept: Keeper) -> Any:
        s3 = aws.client("s3")
        for body in (b"first", b"second" * 100_000):
            s3.put_object(Bucket=BUCKET, Key="a b/ü.txt", Body=body, Metadata={"by": "me"})
        s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
        kept.keep()
        s3.delete_object(Bucket=BUCKET, Key="gone")
        s3.put_object(Bucket=BUCKET, Key="destroyed", Body=b"y")
        kept.keep()
        version = s3.head_object(Bucket=BUCKET, Key="destroyed")["VersionId"]
        s3.delete_object(Bucket=BUCKET, Key="destroyed", VersionId=version)
        return _versions(s3)

    told = after_a_restart(tmp_path, before)

    with EmbeddedAws(tmp_path / "two") as aws:
        keeper(aws, tmp_path / "state", deploy(aws)).put_back()
        s3 = aws.client("s3")
        assert _versions(s3) == told
        oldest = s3.list_object_versions(Bucket=BUCKET, Prefix="a b")["Versions"][-1]["VersionId"]
        first = s3.get_object(Bucket=BUCKET, Key="a b/ü.txt", VersionId=oldest)
        second = s3.get_object(Bucket=BUCKET, Key="a b/ü.txt")
        part = s3.get_object(Bucket=BUCKET, Key="a b/ü.txt", Range="bytes=6-11")
        assert first["Body"].read() == b"first"
        assert second["Body"].read() == b"second" * 100_000
        assert part["Body"].read() == b"second"
        assert second["Metadata"] == {"by": "me"}
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "a b/ü.txt"})
        assert s3.head_object(Bucket=BUCKET, Key="copy")["ContentLength"] == 600_000
    # One file for each version that there is, the marker has none.
    assert len(list((tmp_path / "state" / "objects").iterdir())) == 3


def test_rows_messages_and_parameters_come_back_as_they_were_last(tmp_path: Path) -> None:
    def before(aws: EmbeddedAws, _keys: dict[str, str], kept: Keeper) -> Any:
        dynamo = aws.client("dynamodb")
        for name in ("a", "b", "c"):
            dynamo.put_item(TableName=TABLE, Item={"pk": {"S": name}, "sk": {"S": "1"}, "n": {"N": "1.5"}})
        kept.keep()
        key = {"pk": {"S": "a"}, "sk": {"S": "1"}}
        dynamo.update_item(
            TableName=TABLE, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "2"}}
        )
        dynamo.delete_item(TableName=TABLE, Key={"pk": {"S": "b"}, "sk": {"S": "1"}})
        url = aws.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
        aws.client("sqs").send_message(QueueUrl=url, MessageBody="a dead letter")
        aws.client("ssm").put_parameter(Name="/route", Value="of a release", Type="String")
        aws.client("cloudwatch").put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 7}])
        aws.clock.advance(86_400)
        aws.client("cloudwatch").set_alarm_state(AlarmName="late", StateValue="ALARM", StateReason="it is late")

    after_a_restart(tmp_path, before)

    with EmbeddedAws(tmp_path / "two") as aws:
        keeper(aws, tmp_path / "state", deploy(aws)).put_back()
        items = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
        assert {item["pk"]["S"]: item["n"]["N"] for item in items} == {"a": "2", "c": "1.5"}
        url = aws.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
        [message] = aws.client("sqs").receive_message(QueueUrl=url)["Messages"]
        assert message["Body"] == "a dead letter"
        parameters = aws.client("ssm").get_parameters(Names=["/route", "/image"])["Parameters"]
        assert {one["Name"]: one["Value"] for one in parameters} == {
            "/route": "of a release",
            "/image": "of the template",
        }
        assert aws.clock.offset >= 86_400
        [alarm] = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "it is late")
        assert [one["MetricName"] for one in aws.client("cloudwatch").list_metrics(Namespace="N")["Metrics"]] == ["M"]


def test_what_keys_made_and_people_confirmed_stays_good(tmp_path: Path) -> None:
    def before(aws: EmbeddedAws, keys: dict[str, str], kept: Keeper) -> Any:
        kms, sns = aws.client("kms"), aws.client("sns")
        topic = sns.list_topics()["Topics"][0]["TopicArn"]
        for name in ("confirmed", "asked"):
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{name}@example.com")
        assert aws.mailbox.drain(10)
        mail = next(mail for mail in aws.mailbox.messages() if mail.to == "confirmed@example.com")
        token = mail.text.split("token=")[1].split()[0]
        aws.mailbox.confirm(token)
        mac = kms.generate_mac(KeyId=keys["Links"], Message=b"link", MacAlgorithm="HMAC_SHA_256")["Mac"]
        seal = kms.sign(KeyId=keys["Seals"], Message=b"head", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"]
        return keys, mac, seal

    old_keys, mac, seal = after_a_restart(tmp_path, before)

    with EmbeddedAws(tmp_path / "two") as aws:
        new_keys = deploy(aws)
        keeper(aws, tmp_path / "state", new_keys).put_back()
        kms, sns = aws.client("kms"), aws.client("sns")
        for keys in (old_keys, new_keys):
            assert kms.verify_mac(KeyId=keys["Links"], Message=b"link", MacAlgorithm="HMAC_SHA_256", Mac=mac)[
                "MacValid"
            ]
            assert kms.verify(
                KeyId=keys["Seals"], Message=b"head", SigningAlgorithm="RSASSA_PSS_SHA_256", Signature=seal
            )["SignatureValid"]
        arns = {one["Endpoint"]: one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]}
        assert arns["confirmed@example.com"].startswith("arn:")
        assert arns["asked@example.com"] == "PendingConfirmation"
        mail = next(mail for mail in aws.mailbox.messages() if mail.to == "asked@example.com")
        aws.mailbox.confirm(mail.text.split("token=")[1].split()[0])
        sns.publish(TopicArn=sns.list_topics()["Topics"][0]["TopicArn"], Message="hello")
        assert aws.mailbox.drain(10)
        assert {mail.to for mail in aws.mailbox.messages() if "hello" in mail.text} == set(arns)


def _versions(s3: Any) -> Any:
    found = s3.list_object_versions(Bucket=BUCKET)
    return (
        [(one["Key"], one["VersionId"], one["ETag"], one["LastModified"]) for one in found["Versions"]],
        [(one["Key"], one["VersionId"]) for one in found["DeleteMarkers"]],
    )
