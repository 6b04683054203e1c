"""The product's own template, whole: it is deployed, and what cannot be done reaches somebody through its keys."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.cold_start import services
from fmops.core import clock
from fmops.core.ledger import Key
from fmops.launches.images import Image
from fmops.usecases import store
from fmops_cli.__main__ import main
from fmops_cli.images import states
from fmops_cli.target import Target, local_clients
from local.demo import people
from local.deploy.stack import Stack
from local.embedded import EmbeddedAws
from local.protocol import ACCOUNT, JobSettings
from tests.fakes import oidc
from tests.fakes.run import use_case
from tests.waiting import eventually


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[EmbeddedAws]:
    folder = tmp_path_factory.mktemp("own")
    jobs = JobSettings(python=repo / ".venv" / "bin" / "python", assets=folder)
    with EmbeddedAws(folder / "aws", jobs=jobs) as running:
        yield running


@pytest.fixture(scope="module")
def people_sign_in() -> Iterator[oidc.Issuer]:
    with oidc.issuer() as found:
        yield found


@pytest.fixture(scope="module")
def stack(aws: EmbeddedAws, repo: Path, people_sign_in: oidc.Issuer) -> Stack:
    signing_in = {"OidcIssuer": people_sign_in.url, "OidcClientId": oidc.CLIENT}
    return aws.deploy(repo / "template.yaml", "fmops", {"OperationsEmail": "night@example.com", **signing_in})


def test_whole_template_is_deployed_and_its_functions_load(aws: EmbeddedAws, stack: Stack) -> None:
    reconciled = aws.lambdas.invoke(stack.resources["ReconcileFunction"], b"{}")

    assert len(stack.resources) > 100
    assert stack.types["Ledger"] == "AWS::DynamoDB::Table"
    assert reconciled.function_error is None, reconciled.payload


def test_alarm_gets_through_the_encrypted_topic(aws: EmbeddedAws, stack: Stack) -> None:
    assert _topic(aws, stack)["KmsMasterKeyId"]
    people.confirm(mail.as_dict() for mail in aws.mailbox.messages())

    _alarm(aws, "heard")

    eventually(lambda: [mail for mail in aws.mailbox.messages() if "heard" in mail.text])


def test_alarm_does_not_get_through_where_the_key_keeps_cloudwatch_out(aws: EmbeddedAws, stack: Stack) -> None:
    people.confirm(mail.as_dict() for mail in aws.mailbox.messages())
    kms, key = aws.client("kms"), stack.resources["DataKey"]
    whole = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    policy = json.loads(whole)
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "AlarmsReachTheTopic"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    lost = aws.alarms.counts.lost
    try:
        _alarm(aws, "unheard")
        eventually(lambda: aws.alarms.counts.lost >= lost + 2)
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=whole)

    assert not [mail for mail in aws.mailbox.messages() if "unheard" in mail.text]


def test_event_that_cannot_be_delivered_reaches_the_encrypted_queue(aws: EmbeddedAws, stack: Stack) -> None:
    events, queue = aws.client("events"), _queue(aws, stack)
    events.put_rule(Name="nowhere", EventPattern=json.dumps({"source": ["test.nowhere"]}))
    gone = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:gone"
    events.put_targets(Rule="nowhere", Targets=[{"Id": "1", "Arn": gone, "DeadLetterConfig": {"Arn": queue["arn"]}}])

    events.put_events(Entries=[{"Source": "test.nowhere", "DetailType": "lost", "Detail": '{"what": "a lost event"}'}])

    assert "a lost event" in _message(aws, queue["url"])["Body"]


def test_event_that_a_function_cannot_handle_reaches_the_queue_with_its_cause(aws: EmbeddedAws, stack: Stack) -> None:
    event = {"source": "fmops", "detail-type": "NoSuchThing", "detail": {"what": "rubbish"}}
    aws.client("lambda").invoke(
        FunctionName=stack.resources["RaiseAlertFunction"], InvocationType="Event", Payload=json.dumps(event).encode()
    )

    # Lambda tries again after one minute and after two more.
    record = json.loads(_message(aws, _queue(aws, stack)["url"], lambda: aws.clock.advance(30))["Body"])
    assert record["requestPayload"] == event
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responsePayload"]["errorType"]


def test_access_log_of_the_api_names_routes_and_no_links(aws: EmbeddedAws, stack: Stack) -> None:
    link = urllib.request.Request(  # noqa: S310 - it is the embedded AWS
        f"{stack.outputs['ApiUrl']}/approvals/v1.somebodys-link", headers={"User-Agent": 'x"y'}
    )
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(link)  # noqa: S310

    aws.logs.flush()
    events = aws.client("logs").filter_log_events(logGroupName="/fmops/api")["events"]
    noted = json.loads(events[-1]["message"])
    assert (noted["route"], noted["status"], noted["agent"]) == ("GET /approvals/{token}", "403", 'x"y')
    assert "somebodys-link" not in events[-1]["message"]


def _topic(aws: EmbeddedAws, stack: Stack) -> dict[str, str]:
    found: dict[str, str] = aws.client("sns").get_topic_attributes(TopicArn=stack.resources["AlertsTopic"])[
        "Attributes"
    ]
    return found


def _queue(aws: EmbeddedAws, stack: Stack) -> dict[str, str]:
    url = stack.resources["DeadLetters"]
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["KmsMasterKeyId"]
    return {"url": url, "arn": attributes["QueueArn"]}


def _message(aws: EmbeddedAws, url: str, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    def received() -> Any:
        meanwhile()
        return aws.client("sqs").receive_message(QueueUrl=url).get("Messages")

    found: list[dict[str, Any]] = eventually(received)
    aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=found[0]["ReceiptHandle"])
    return found[0]


def _alarm(aws: EmbeddedAws, reason: str) -> None:
    """The monitor's alarm changes its state twice, so that it acts whatever it was."""
    for state in ("OK", "ALARM"):
        aws.client("cloudwatch").set_alarm_state(AlarmName="fmops-monitor-silent", StateValue=state, StateReason=reason)


def test_images_are_built_after_the_deployment_and_known_by_their_digest(aws: EmbeddedAws, stack: Stack) -> None:
    found = states(target(aws, stack))

    assert [(one.image, one.state) for one in found] == [(Image.EVALUATE, "ready"), (Image.FINE_TUNE, "ready")]
    tag = stack.outputs["ImagesPath"].rsplit("/", 1)[1]
    pushed = aws.client("ecr").describe_images(repositoryName="fmops-evaluate", imageIds=[{"imageTag": tag}])
    assert found[0].uri is not None
    assert found[0].uri.endswith(f"/fmops-evaluate@{pushed['imageDetails'][0]['imageDigest']}")


def test_image_that_cannot_be_built_is_told_and_built_again_when_the_cause_is_gone(
    aws: EmbeddedAws, stack: Stack
) -> None:
    people.confirm(mail.as_dict() for mail in aws.mailbox.messages())
    ssm, iam, role = aws.client("ssm"), aws.client("iam"), stack.resources["ImagesRole"]
    ssm.delete_parameter(Name=f"{stack.outputs['ImagesPath']}/evaluate")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    build = states(target(aws, stack))[0].build
    assert build is not None
    aws.client("codebuild").retry_build(id=build["id"])
    eventually(lambda: [mail for mail in aws.mailbox.messages() if "The image evaluate could not" in mail.subject])
    assert states(target(aws, stack))[0].state == "failed"

    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    aws.client("codebuild").retry_build(id=build["id"])

    assert states(target(aws, stack))[0].state == "ready"


def target(aws: EmbeddedAws, stack: Stack) -> Target:
    return Target("fmops", stack.outputs, local_clients(aws.url), local=True)


def test_doctor_reads_the_deployed_stack_and_finds_whom_nobody_told_yet(
    aws: EmbeddedAws, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = target(aws, stack)
    store.save(found.ledger, use_case(), clock.now())
    monkeypatch.setattr("fmops_cli.doctor.command.find", lambda _stack: found)

    code = main(["doctor", "--json"])

    said = {(one["about"], one["level"]) for one in json.loads(capsys.readouterr().out)["findings"]}
    assert code == 1
    assert {("approvers", "wrong"), ("models", "wrong"), ("images", "well"), ("budgets", "well")} <= said


# How boto3's client of a service is called, and the endpoint's service where that has another name.
_ENDPOINTS = {
    "cloudwatch": "monitoring",
    "sagemaker": "sagemaker.api",
    "service-quotas": "servicequotas",
    "sesv2": "email",
    "stepfunctions": "states",
}


def test_with_a_network_of_its_own_it_reaches_what_it_calls_and_nothing_else(aws: EmbeddedAws, repo: Path) -> None:
    inside = aws.deploy(repo / "template.yaml", "inside", {"VpcCidr": "10.7.0.0/16"})

    ec2, network = aws.client("ec2"), inside.resources["Network"]
    of_it = [{"Name": "vpc-id", "Values": [network]}]
    called = {
        _ENDPOINTS.get(service, service) for file in repo.glob("functions/*/*/app.py") for service in services(file)
    }
    endpoints = ec2.describe_vpc_endpoints(Filters=of_it)["VpcEndpoints"]
    reached = {one["ServiceName"].removeprefix("com.amazonaws.us-east-1.") for one in endpoints}
    # Without a way to SES, mails go by SNS there.
    assert called - reached == {"email"}
    routes = [route for table in ec2.describe_route_tables(Filters=of_it)["RouteTables"] for route in table["Routes"]]
    assert {route.get("GatewayId", "").partition("-")[0] for route in routes} <= {"local", "vpce"}
    assert "0.0.0.0/0" not in {route.get("DestinationCidrBlock") for route in routes}
    (group,) = ec2.describe_security_groups(GroupIds=[inside.resources["WorkSecurityGroup"]])["SecurityGroups"]
    assert [one["IpProtocol"] for one in group["IpPermissionsEgress"]] == ["tcp"] * len(group["IpPermissionsEgress"])
    assert {(one["FromPort"], one["ToPort"]) for one in group["IpPermissionsEgress"]} == {(443, 443)}
    variables = aws.client("lambda").get_function_configuration(FunctionName=inside.resources["PlanRunFunction"])
    subnets = variables["Environment"]["Variables"]["FMOPS_SUBNETS"].split(",")
    assert {inside.resources["FirstSubnet"], inside.resources["SecondSubnet"]} == set(subnets)


def test_signed_vote_is_taken_once_for_each_voter_and_answer(
    aws: EmbeddedAws, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = target(aws, stack)
    store.save(found.ledger, use_case(), clock.now())
    monkeypatch.setattr("fmops_cli.feedback.find", lambda _stack: found)
    vote = ["feedback", "trivia", "inference-1"]

    codes = [main([*vote, "--down", "--text", "it is wrong"]), main([*vote, "--up"]), main([*vote, "--up"])]
    refused = main(["feedback", "no-such", "inference-1", "--up"])

    said = capsys.readouterr()
    assert (codes, refused) == ([0, 0, 0], 2)
    assert [line.rpartition(": ")[2] for line in said.out.splitlines()] == ["recorded", "replaced", "unchanged"]
    assert "there is no use case no-such" in said.err
    (kept,) = found.ledger.records("FEEDBACK#trivia#inference-1")
    assert kept["thumb"] == "up"
    aws.logs.flush()
    for group in ("/fmops/functions", "/fmops/api"):
        assert "it is wrong" not in str(aws.client("logs").filter_log_events(logGroupName=group)["events"])


def test_who_signed_in_votes_with_the_issuers_token(
    aws: EmbeddedAws, stack: Stack, people_sign_in: oidc.Issuer
) -> None:
    url = f"{stack.outputs['FeedbackUrl']}/signed-in"
    store.save(target(aws, stack).ledger, use_case(), clock.now())
    token = people_sign_in.keys[0].token(people_sign_in.claims("ann@example.com", "n"))
    body = json.dumps({"use_case": "trivia", "inference_id": "inference-2", "thumb": "up"})

    def vote(headers: dict[str, str]) -> int:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port)
        try:
            connection.request("POST", parts.path, body, {**headers, "Host": parts.netloc})
            return connection.getresponse().status
        finally:
            connection.close()

    assert [vote({"Authorization": f"Bearer {token}"}) for _ in range(2)] == [200, 200]
    assert vote({}) == 401
    assert len(target(aws, stack).ledger.records("FEEDBACK#trivia#inference-2")) == 1


def test_truths_are_read_and_a_window_judged_with_the_functions_own_rights(aws: EmbeddedAws, stack: Stack) -> None:
    found, s3 = target(aws, stack), aws.client("s3")
    artifacts, capture, datasets = (
        stack.outputs[name] for name in ("ArtifactsBucketName", "CaptureBucketName", "DatasetsBucketName")
    )
    store.save(found.ledger, use_case(name="rivers", monitoring={"truth": {"hours": 1}}), clock.now())
    release = {
        "use_case": "rivers",
        "run_id": "r",
        "release_id": "rel-1",
        "endpoint": "rivers",
        "released_at": "2026-11-24T04:20:00.000Z",
        "capture_uri": f"s3://{capture}/rivers/AllTraffic",
        "answers_uri": f"s3://{artifacts}/runs/r/answers.jsonl",
        "scores_uri": f"s3://{artifacts}/runs/r/scores.jsonl",
    }
    found.ledger.put(Key("USECASE#rivers", "CHAMPION"), release, kind="champion", now=clock.now())
    for hour in ("05", "06"):
        name, start = f"2026-11-24T{hour}:00Z", f"2026-11-24T{hour}:00:00.000Z"
        window = {"window": name, "start": start, "hours": 1, "status": "open"}
        place = Key("USECASE#rivers", f"WINDOW#{window['window']}")
        found.ledger.put(place, {**window, "release_id": "rel-1"}, kind="window", now=clock.now())
    sides = {
        "endpointInput": {"data": json.dumps({"inputs": "which river"}), "encoding": "JSON"},
        "endpointOutput": {"data": json.dumps([{"generated_text": "the nile"}]), "encoding": "JSON"},
    }
    record = json.dumps({"captureData": sides, "eventMetadata": {"eventId": "e-1"}, "eventVersion": "0"})
    stored = s3.put_object(Bucket=capture, Key="rivers/AllTraffic/2026/11/24/05/1.jsonl", Body=record.encode())
    planned = {
        "bucket": capture,
        "key": "rivers/AllTraffic/2026/11/24/05/1.jsonl",
        "size": len(record),
        "version": stored["VersionId"],
        "etag": stored["ETag"].strip('"'),
    }
    truth = {"groundTruthData": {"data": "nile", "encoding": "CSV"}, "eventMetadata": {"eventId": "e-1"}}
    for bucket, name, text in (
        (artifacts, "monitoring/rivers/2026-11-24T0500Z/plan.json", json.dumps([planned])),
        (artifacts, "runs/r/scores.jsonl", json.dumps({"id": "1", "f1": 1.0})),
        (artifacts, "runs/r/answers.jsonl", json.dumps({"id": "1", "prompt": "which river", "answer": "the nile"})),
        (datasets, "truth/rivers/2026/11/24/06/1.jsonl", f"{json.dumps(truth)}\nrubbish"),
    ):
        s3.put_object(Bucket=bucket, Key=name, Body=text.encode())
    task = {"run_id": "w", "use_case": "rivers", "window_start": "2026-11-24T06:00:00.000Z", "window_hours": 1}

    def invoke(function: str, **event: Any) -> Any:
        answer = aws.lambdas.invoke(stack.resources[function], json.dumps({"task": task, **event}).encode())
        assert answer.function_error is None, answer.payload
        return json.loads(answer.payload)

    quality = invoke("MeasureQualityFunction")
    judged = invoke("JudgeWindowFunction", failed=0, due=False, scored=False, quality=quality, unmeasured="")

    assert [quality[name] for name in ("matched", "captured", "unreadable")] == [1, 1, 1]
    assert quality["metrics"]["f1"]["now"]["value"] == 1.0
    assert s3.list_objects_v2(Bucket=artifacts, Prefix="monitoring/rivers/quarantine/")["KeyCount"] == 1
    assert judged["verdict"] == "INSUFFICIENT_DATA"
