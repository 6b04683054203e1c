"""Functions in AWS' runtime client."""

import base64
import io
import json
import textwrap
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.embedded import EmbeddedAws
from local.protocol import AwsError, InvokeResult

MakeRole = Callable[..., str]
Code = Callable[[str], Path]
Deploy = Callable[..., str]


@pytest.fixture
def deploy(aws: EmbeddedAws, make_role: MakeRole, code: Code, request: pytest.FixtureRequest) -> Deploy:
    """Makes a function of a text; its name."""
    name: str = request.node.name.split("[")[0][-60:]

    def make(text: str, *statements: dict[str, Any], **more: Any) -> str:
        role = make_role(f"role-{name}"[-64:], *statements)
        settings = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "MemorySize": 256, **more}
        aws.lambdas.deploy({"FunctionName": name, **settings}, code(textwrap.dedent(text)))
        return name

    return make


def _call(aws: EmbeddedAws, name: str, event: Any = None) -> tuple[str | None, Any]:
    result: InvokeResult = aws.lambdas.invoke(name, json.dumps(event).encode())
    return result.function_error, json.loads(result.payload)


def _lines(aws: EmbeddedAws, group: str) -> list[str]:
    aws.logs.flush()
    events = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_handler_gets_event_context_and_environment(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy(
        """
        import os
        def handler(event, context):
            return {"event": event, "color": os.environ["COLOR"], "arn": context.invoked_function_arn,
                    "left": context.get_remaining_time_in_millis() > 1000, "home": "HOSTNAME" in os.environ}
        """,
        Environment={"Variables": {"COLOR": "blue"}},
    )

    error, answer = _call(aws, name, {"a": 1})

    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    assert error is None
    assert answer == {"event": {"a": 1}, "color": "blue", "arn": arn, "left": True, "home": False}


def test_process_stays_warm_and_calls_that_overlap_get_their_own(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy(
        """
        import os, time
        def handler(event, context):
            time.sleep(event)
            return os.getpid()
        """
    )

    first, second = _call(aws, name, 0)[1], _call(aws, name, 0)[1]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: _call(aws, name, 0.5)[1], range(2)))

    assert first == second
    assert len(set(both)) == 2


def test_exception_is_told_as_lambda_tells_it(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("def handler(event, context): raise LookupError('nothing there')")

    error, answer = _call(aws, name)

    assert (error, answer["errorType"], answer["errorMessage"]) == ("Unhandled", "LookupError", "nothing there")


def test_import_that_fails_is_told_at_each_call(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("import no_such_module")

    answers = [_call(aws, name) for _ in range(2)]

    assert {error for error, _ in answers} == {"Unhandled"}
    assert {answer["errorType"] for _, answer in answers} == {"Runtime.ImportModuleError"}


def test_function_that_takes_too_long_is_killed_with_its_children(
    aws: EmbeddedAws, deploy: Deploy, tmp_path: Path
) -> None:
    mark = tmp_path / "child"
    name = deploy(
        f"""
        import subprocess, sys, time
        def handler(event, context):
            if event == "quick":
                return "ok"
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3); open({str(mark)!r}, 'w')"])
            time.sleep(60)
        """,
        Timeout=1,
    )

    error, answer = _call(aws, name)
    after = _call(aws, name, "quick")

    assert (error, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "Task timed out after 1.00 seconds" in answer["errorMessage"]
    assert after == (None, "ok")
    time.sleep(3)
    assert not mark.exists()


@pytest.mark.parametrize(
    "body, kind",
    [
        ("import os; os._exit(3)", "Runtime.ExitError"),
        ("x = bytearray(400_000_000)\n    import time; time.sleep(20)", "Runtime.ExitError"),
        ("return float('nan')", "Runtime.MarshalError"),
        ("return 'x' * 7_000_000", "Function.ResponseSizeTooLarge"),
    ],
    ids=["exits", "takes too much memory", "answers NaN", "answers too much"],
)
def test_function_that_breaks_the_rules_fails(
    aws: EmbeddedAws, make_role: MakeRole, code: Code, body: str, kind: str
) -> None:
    name = kind.partition(".")[2] + str(len(body))
    request = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "MemorySize": 256,
        "Timeout": 20,
    }
    folder = code(f"def handler(event, context):\n    {body}\n")
    aws.lambdas.deploy({**request, "Role": make_role(name)}, folder)

    error, answer = _call(aws, name)

    assert (error, answer["errorType"]) == ("Unhandled", kind)


def test_function_calls_aws_with_its_role_and_nothing_more(aws: EmbeddedAws, deploy: Deploy) -> None:
    aws.client("ssm").put_parameter(Name="/allowed", Value="yes", Type="String")
    allow = {
        "Effect": "Allow",
        "Action": "ssm:GetParameter",
        "Resource": "arn:aws:ssm:us-east-1:123456789012:parameter/allowed",
    }
    name = deploy(
        """
        import boto3
        def handler(event, context):
            return boto3.client("ssm").get_parameter(Name=event)["Parameter"]["Value"]
        """,
        allow,
        Timeout=20,
    )

    assert _call(aws, name, "/allowed") == (None, "yes")
    _, refused = _call(aws, name, "/other")
    assert f"assumed-role/role-{name}"[:60] in refused["errorMessage"]
    assert refused["errorMessage"].endswith("because no identity-based policy allows the ssm:GetParameter action")


def test_output_goes_to_the_log_group_between_start_and_report(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("def handler(event, context): print('working on', event)", LoggingConfig={"LogGroup": "/own/group"})

    _call(aws, name, 7)

    lines = _lines(aws, "/own/group")
    assert [line.split(" RequestId")[0] for line in lines] == ["START", "working on 7", "END", "REPORT"]


def test_embedded_metrics_in_the_output_become_metrics(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy(
        """
        import json, time
        def handler(event, context):
            print(json.dumps({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
                {"Namespace": "own", "Dimensions": [["kind"]], "Metrics": [{"Name": "done", "Unit": "Count"}]}]},
                "kind": "test", "done": 3}))
        """
    )

    _call(aws, name)
    aws.logs.flush()

    metrics = aws.client("cloudwatch").list_metrics(Namespace="own")["Metrics"]
    assert [metric["MetricName"] for metric in metrics] == ["done"]


def test_invocations_and_errors_are_counted(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("def handler(event, context): return 1 / event")

    _call(aws, name, 1)
    _call(aws, name, 0)

    def total(metric: str) -> float:
        now = aws.clock.datetime()
        data = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now.replace(hour=0, minute=0),
            EndTime=now.replace(hour=23, minute=59, second=59),
            Period=60,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in data["Datapoints"]))

    assert (total("Invocations"), total("Errors")) == (2, 1)


def test_product_clock_follows_the_embedded_one(aws: EmbeddedAws, deploy: Deploy, repo: Path) -> None:
    layer = aws.lambdas.deploy_layer({"LayerName": "fmops"}, repo / "layers" / "fmops")
    name = deploy(
        """
        from fmops.core import clock
        def handler(event, context):
            return clock.now().timestamp()
        """,
        Layers=[layer["LayerVersionArn"]],
        Timeout=20,
    )
    _call(aws, name)

    aws.clock.advance(86_400)

    assert _call(aws, name)[1] == pytest.approx(aws.clock.now(), abs=30)


def test_event_that_keeps_failing_ends_in_the_dead_letter_queue(aws: EmbeddedAws, deploy: Deploy) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="dead-events")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:dead-events"
    name = deploy("def handler(event, context): raise ValueError('never')", DeadLetterConfig={"TargetArn": arn})

    assert aws.lambdas.invoke(name, b'{"n": 1}', "Event").status == 202

    messages: list[Any] = []
    until = time.monotonic() + 30
    while not messages and time.monotonic() < until:
        # Retries come after one and two minutes of the embedded clock.
        aws.clock.advance(60)
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MessageAttributeNames=["All"]).get(
            "Messages", []
        )
    assert [message["Body"] for message in messages] == ['{"n": 1}']
    assert messages[0]["MessageAttributes"]["ErrorMessage"]["StringValue"] == "never"
    assert sum("START" in line for line in _lines(aws, f"/aws/lambda/{name}")) == 3


def test_function_goes_by_zip_file_through_the_api_and_tails_its_log(aws: EmbeddedAws, make_role: MakeRole) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", "def handler(event, context):\n    print('seen')\n    return event")
    client = aws.client("lambda")

    client.create_function(
        FunctionName="zipped",
        Runtime="python3.13",
        Role=make_role("zipped"),
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    answer = client.invoke(FunctionName="zipped", Payload=b'"hello"', LogType="Tail")

    assert answer["Payload"].read() == b'"hello"'
    assert answer["StatusCode"] == 200
    assert "seen" in base64.b64decode(answer["LogResult"]).decode()


def test_alias_points_to_a_version_that_stays_as_it_was(aws: EmbeddedAws, deploy: Deploy) -> None:
    client = aws.client("lambda")
    name = deploy(
        "import os\ndef handler(event, context): return os.environ['COLOR']",
        Environment={"Variables": {"COLOR": "blue"}},
    )
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)

    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"COLOR": "red"}})

    assert _call(aws, f"{name}:live")[1] == "blue"
    assert _call(aws, name)[1] == "red"


def test_reserved_concurrency_throttles(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("def handler(event, context): return 1")
    aws.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    with pytest.raises(AwsError, match="TooManyRequestsException"):
        aws.lambdas.invoke(name, b"{}")


def test_service_needs_a_permission_for_its_source(aws: EmbeddedAws, deploy: Deploy) -> None:
    name = deploy("def handler(event, context): return 1")
    rule = "arn:aws:events:us-east-1:123456789012:rule/r"
    aws.client("lambda").add_permission(
        FunctionName=name,
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )

    assert aws.lambdas.invoke(name, b"{}", principal="events.amazonaws.com", source_arn=rule).status == 200
    with pytest.raises(AwsError, match="no resource-based policy"):
        aws.lambdas.invoke(name, b"{}", principal="events.amazonaws.com", source_arn=f"{rule}-other")


@pytest.mark.parametrize(
    "payload, refusal",
    [(b"{", "InvalidRequestContentException"), (b'"' + b"x" * 6_300_000 + b'"', "RequestTooLargeException")],
    ids=["no JSON", "too large"],
)
def test_bad_payload_is_refused_before_the_function_runs(
    aws: EmbeddedAws, make_role: MakeRole, code: Code, payload: bytes, refusal: str
) -> None:
    request = {"FunctionName": refusal, "Runtime": "python3.13", "Handler": "app.handler", "Role": make_role(refusal)}
    aws.lambdas.deploy(request, code(""))

    with pytest.raises(AwsError, match=refusal):
        aws.lambdas.invoke(refusal, payload)


def test_function_that_is_not_there_is_not_found(aws: EmbeddedAws) -> None:
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        aws.lambdas.invoke("nobody", b"{}")


def test_role_that_lambda_may_not_assume_is_refused(aws: EmbeddedAws, make_role: MakeRole, code: Code) -> None:
    role = make_role("for-states", service="states.amazonaws.com")

    with pytest.raises(AwsError, match="cannot be assumed by Lambda"):
        aws.lambdas.deploy(
            {"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler", "Role": role}, code("")
        )
