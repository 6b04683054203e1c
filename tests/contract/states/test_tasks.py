"""Tasks: results, errors and their names, Retry, Catch, time limits, data limits."""

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest


def test_a_function_gets_its_payload_and_the_result_is_the_default_output(
    machines: Any, function: Any, call: Any
) -> None:
    function("double", lambda event: {"n": event["n"] * 2})

    output = machines.output({"T": call("double")}, {"n": 4})

    assert output["Payload"] == {"n": 8}
    assert output["StatusCode"] == 200
    assert output["ExecutedVersion"] == "$LATEST"


def test_a_function_by_its_own_arn_gives_its_bare_answer(machines: Any, function: Any) -> None:
    function("echo", lambda event: event)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:echo"
    state = {"Type": "Task", "Resource": arn, "Arguments": {"a": "{% $states.input.a %}"}, "End": True}

    execution = machines.start(machines.create({"T": state}), {"a": 1})

    assert machines.ended(execution)["output"] == '{"a":1}'
    assert machines.kinds(execution)[2:5] == [
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
    ]


def test_calls_are_made_with_the_role_of_the_machine(machines: Any, function: Any, call: Any) -> None:
    function("f", lambda event: event)

    machines.output({"T": call("f")})

    assert "arn:aws:iam::123456789012:role/machine" in machines.aws.roles


def test_output_and_assign_see_the_result(machines: Any, function: Any, call: Any) -> None:
    function("plan", lambda event: {"run": "r-1", "n": 2})
    states = {
        "T": call(
            "plan",
            Assign={"run": "{% $states.result.Payload.run %}"},
            Output="{% $states.result.Payload.n + $states.input.n %}",
            Next="S",
        ),
        "S": {"Type": "Succeed", "Output": "{% $run & ' ' & $string($states.input) %}"},
    }

    assert machines.output(states, {"n": 3}) == "r-1 5"


def test_a_failing_function_fails_the_state_with_its_error_type(
    machines: Any, function: Any, call: Any, failing: Any
) -> None:
    def reject(event: Any) -> Any:
        raise failing("DatasetRejected", "line 3")

    function("f", reject)

    shown = machines.run({"T": call("f")})

    assert (shown["status"], shown["error"]) == ("FAILED", "DatasetRejected")
    assert json.loads(shown["cause"]) == {"errorType": "DatasetRejected", "errorMessage": "line 3"}


@pytest.mark.parametrize("names", [["Broken"], ["States.TaskFailed"], ["States.ALL"]])
def test_catch_by_name_and_by_wildcard(machines: Any, function: Any, call: Any, failing: Any, names: list[str]) -> None:
    def broken(event: Any) -> Any:
        raise failing("Broken", "why")

    function("f", broken)
    catch = {
        "ErrorEquals": names,
        "Assign": {"failure": "{% $states.errorOutput.Error %}"},
        "Output": {"cause": "{% $parse($states.errorOutput.Cause).errorMessage %}", "in": "{% $states.input %}"},
        "Next": "Caught",
    }
    states = {
        "T": call("f", Catch=[{"ErrorEquals": ["Other"], "Next": "Never"}, catch], Next="Never"),
        "Never": {"Type": "Fail"},
        "Caught": {"Type": "Succeed", "Output": "{% [$failure, $states.input] %}"},
    }

    assert machines.output(states, {"k": 1}) == ["Broken", {"cause": "why", "in": {"k": 1}}]


def test_without_output_a_catch_hands_on_the_error_output(
    machines: Any, function: Any, call: Any, failing: Any
) -> None:
    def broken(event: Any) -> Any:
        raise failing("Broken")

    function("f", broken)
    states = {
        "T": call("f", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}], Next="S"),
        "S": {"Type": "Succeed"},
    }

    assert set(machines.output(states)) == {"Error", "Cause"}


def test_a_retry_waits_longer_each_time_up_to_its_limit(
    machines: Any, function: Any, call: Any, throttled: Any
) -> None:
    moments: list[float] = []

    def refuse(event: Any) -> Any:
        moments.append(machines.clock.now())
        raise throttled

    function("f", refuse)
    rule = {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 100,
        "BackoffRate": 3,
        "MaxAttempts": 3,
        "MaxDelaySeconds": 500,
    }
    execution = machines.start(machines.create({"T": call("f", Retry=[rule])}))
    for attempt, delay in ((1, 100), (2, 300), (3, 500)):
        machines.happened(execution, "TaskFailed", attempt)
        machines.clock.advance(delay)

    shown = machines.ended(execution)

    assert shown["error"] == "Lambda.TooManyRequestsException"
    waits = [round((later - earlier) / 100) for earlier, later in itertools.pairwise(moments)]
    assert waits == [1, 3, 5]


def test_full_jitter_never_waits_longer_than_the_delay(machines: Any, function: Any, call: Any, throttled: Any) -> None:
    calls = iter([True, False])

    def refuse_once(event: Any) -> Any:
        if next(calls):
            raise throttled
        return "done"

    function("f", refuse_once)
    rule = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1000, "JitterStrategy": "FULL"}
    execution = machines.start(machines.create({"T": call("f", Retry=[rule], Output="{% $states.result.Payload %}")}))
    machines.happened(execution, "TaskFailed")

    machines.clock.advance(1000)

    assert machines.ended(execution)["output"] == '"done"'


def test_each_rule_of_retry_counts_its_own_attempts(machines: Any, function: Any, call: Any, failing: Any) -> None:
    # The specification's scenario: A, B, C, B with at most two attempts for A and B.
    errors = iter(["ErrorA", "ErrorB", "ErrorC", "ErrorB"])

    def fail(event: Any) -> Any:
        raise failing(next(errors))

    function("f", fail)
    retry = [
        {"ErrorEquals": ["ErrorA", "ErrorB"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2},
        {"ErrorEquals": ["ErrorC"], "IntervalSeconds": 5},
    ]
    states = {
        "X": call("f", Retry=retry, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z"}], Next="Y"),
        "Y": {"Type": "Fail"},
        "Z": {"Type": "Succeed", "Output": "{% $states.input.Error %}"},
    }
    execution = machines.start(machines.create(states))
    for attempt, delay in ((1, 1), (2, 2), (3, 5)):
        machines.happened(execution, "TaskFailed", attempt)
        machines.clock.advance(delay)

    assert machines.ended(execution)["output"] == '"ErrorB"'


def test_no_attempts_for_one_error_and_some_for_the_rest(machines: Any, function: Any, call: Any, failing: Any) -> None:
    def fail(event: Any) -> Any:
        raise failing("Final")

    function("f", fail)
    retry = [{"ErrorEquals": ["Final"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]

    execution = machines.start(machines.create({"T": call("f", Retry=retry)}))

    assert machines.ended(execution)["error"] == "Final"
    assert machines.kinds(execution).count("TaskFailed") == 1


def test_the_retry_count_stands_in_the_context(machines: Any, function: Any, call: Any, failing: Any) -> None:
    counts: list[int] = []

    def fail_once(event: Any) -> Any:
        counts.append(event)
        if event == 0:
            raise failing("Once")
        return None

    function("f", fail_once)
    state = call("f", "{% $states.context.State.RetryCount %}", Retry=[{"ErrorEquals": ["Once"]}])
    execution = machines.start(machines.create({"T": state}))
    machines.happened(execution, "TaskFailed")
    machines.clock.advance(1)
    machines.ended(execution)

    assert counts == [0, 1]


def test_a_query_that_fails_can_be_caught(machines: Any, call: Any) -> None:
    states = {
        "T": call(
            "f", "{% $states.input.nothing %}", Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "S"}]
        ),
        "S": {"Type": "Succeed", "Output": "{% $states.input.Error %}"},
    }

    assert machines.output(states) == "States.QueryEvaluationError"


@pytest.fixture
def hanging(function: Any) -> Any:
    """A function that does not answer before the test is over."""
    release = threading.Event()

    def hang(event: Any) -> Any:
        release.wait(30)

    function("slow", hang)
    yield "slow"
    release.set()


@pytest.mark.parametrize(("name", "caught"), [("States.Timeout", True), ("States.TaskFailed", False)])
def test_a_task_that_takes_too_long_times_out(machines: Any, call: Any, hanging: str, name: str, caught: bool) -> None:
    states = {
        "T": call(hanging, TimeoutSeconds="{% $states.input.limit %}", Catch=[{"ErrorEquals": [name], "Next": "S"}]),
        "S": {"Type": "Succeed"},
    }
    execution = machines.start(machines.create(states), {"limit": 60})
    machines.happened(execution, "TaskStarted")

    machines.clock.advance(61)

    shown = machines.ended(execution)
    assert shown["status"] == ("SUCCEEDED" if caught else "FAILED")
    assert "TaskTimedOut" in machines.kinds(execution)


def test_the_time_limit_of_the_execution_cannot_be_caught(machines: Any, call: Any, hanging: str) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "S"}]
    retry = [{"ErrorEquals": ["States.ALL"]}]
    states = {"T": call(hanging, Catch=catch, Retry=retry, Next="S"), "S": {"Type": "Succeed"}}
    execution = machines.start(machines.create(states, TimeoutSeconds=100))
    machines.happened(execution, "TaskStarted")

    machines.clock.advance(100)

    shown = machines.ended(execution)
    assert (shown["status"], shown["error"]) == ("TIMED_OUT", "States.Timeout")
    assert machines.kinds(execution)[-1] == "ExecutionTimedOut"


def test_a_result_above_256_kib_is_not_caught_by_a_wildcard(machines: Any, function: Any, call: Any) -> None:
    function("f", lambda event: "x" * 300_000)
    states = {
        "T": call("f", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}], Next="S"),
        "S": {"Type": "Succeed"},
    }

    shown = machines.run(states)

    assert (shown["status"], shown["error"]) == ("FAILED", "States.DataLimitExceeded")


def _task(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments, "End": True, **more}


@pytest.fixture
def table(aws: Any) -> str:
    client = boto3.client("dynamodb", region_name="us-east-1")
    client.create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    return "ledger"


PUT_ONCE = {"TableName": "ledger", "Item": {"pk": {"S": "k"}}, "ConditionExpression": "attribute_not_exists(pk)"}


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("dynamodb:putItem", "DynamoDB.ConditionalCheckFailedException"),
        ("aws-sdk:dynamodb:putItem", "DynamoDb.ConditionalCheckFailedException"),
    ],
)
def test_dynamodb_has_two_spellings_in_error_names(machines: Any, table: str, resource: str, error: str) -> None:
    state = _task(resource, PUT_ONCE)
    assert machines.run({"T": state})["status"] == "SUCCEEDED"

    assert machines.run({"T": state})["error"] == error


@pytest.mark.parametrize(
    ("resource", "arguments", "error"),
    [
        ("dynamodb:getItem", {"TableName": "none", "Key": {"pk": {"S": "k"}}}, "DynamoDB.ResourceNotFoundException"),
        ("aws-sdk:s3:getObject", {"Bucket": "none", "Key": "k"}, "S3.NoSuchBucketException"),
        ("aws-sdk:sqs:getQueueUrl", {"QueueName": "none"}, "Sqs.QueueDoesNotExistException"),
        ("lambda:invoke", {"FunctionName": "none"}, "Lambda.ResourceNotFoundException"),
        ("aws-sdk:sfn:describeExecution", {"ExecutionArn": "arn:x"}, "Sfn.InvalidArnException"),
        ("states:startExecution", {"StateMachineArn": "arn:x"}, "StepFunctions.InvalidArnException"),
        # The service's model does not list ValidationException.
        ("aws-sdk:dynamodb:putItem", {"TableName": "ledger", "Item": {"no": {"S": "k"}}}, "DynamoDb.DynamoDbException"),
        ("dynamodb:putItem", {"TableName": "ledger", "Item": {"no": {"S": "k"}}}, "DynamoDB.AmazonDynamoDBException"),
    ],
)
def test_errors_of_services_are_named_as_aws_names_them(
    machines: Any, table: str, resource: str, arguments: dict[str, Any], error: str
) -> None:
    assert machines.run({"T": _task(resource, arguments)})["error"] == error


def test_dynamodb_items_go_in_and_come_out(machines: Any, table: str) -> None:
    states = {
        "Put": {
            **_task(
                "dynamodb:putItem", {"TableName": table, "Item": {"pk": {"S": "k"}, "n": {"N": "{% $string(7) %}"}}}
            ),
            "Next": "Count",
        },
        "Count": {
            **_task(
                "dynamodb:updateItem",
                {
                    "TableName": table,
                    "Key": {"pk": {"S": "k"}},
                    "UpdateExpression": "ADD n :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                },
            ),
            "Next": "Get",
        },
        "Get": _task(
            "dynamodb:getItem", {"TableName": table, "Key": {"pk": {"S": "k"}}}, Output="{% $states.result.Item %}"
        ),
    }
    for name in ("Put", "Count"):
        del states[name]["End"]

    assert machines.output(states) == {"pk": {"S": "k"}, "n": {"N": "8"}}


def test_json_stands_for_text_in_optimised_integrations(machines: Any) -> None:
    queue = boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="q")["QueueUrl"]
    topic = boto3.client("sns", region_name="us-east-1").create_topic(Name="t")["TopicArn"]
    entry = {"Source": "fmops", "DetailType": "Told", "Detail": {"n": "{% $states.context.Execution.Input.n %}"}}
    states = {
        "Send": {**_task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"n": 1}}), "Next": "Publish"},
        "Publish": {**_task("sns:publish", {"TopicArn": topic, "Message": {"n": 1}}), "Next": "Put"},
        "Put": _task("events:putEvents", {"Entries": [entry]}, Output="{% $states.result.FailedEntryCount %}"),
    }
    for name in ("Send", "Publish"):
        del states[name]["End"]

    assert machines.output(states, {"n": 1}) == 0
    received = boto3.client("sqs", region_name="us-east-1").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(received[0]["Body"]) == {"n": 1}


def test_sdk_integrations_answer_in_pascal_case(machines: Any, function: Callable[..., None]) -> None:
    machine = machines.create({"P": {"Type": "Pass", "End": True}}, name="other")

    output = machines.output({"T": _task("aws-sdk:sfn:describeStateMachine", {"StateMachineArn": machine})})

    assert (output["Name"], output["Type"], output["Status"]) == ("other", "STANDARD", "ACTIVE")
    assert output["CreationDate"].endswith("Z")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("{% {'Bucket': 'b', 'Kee': 'k'} %}", "The field 'Kee' is not supported"),
        ("{% {'Bucket': 1, 'Key': 'k'} %}", "must be a STRING"),
        ("{% {'Bucket': 'b'} %}", "Key"),
    ],
)
def test_arguments_that_the_api_does_not_take_fail_at_run_time(machines: Any, arguments: str, why: str) -> None:
    states = {
        "T": _task("aws-sdk:s3:getObject", arguments, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}]),
        "S": {"Type": "Succeed"},
    }

    shown = machines.run(states)

    assert shown["error"] == "States.Runtime"
    assert why in shown["cause"]


def test_history_of_a_task(machines: Any, function: Any, call: Any) -> None:
    function("f", lambda event: 1)
    execution = machines.start(machines.create({"T": call("f", TimeoutSeconds=60)}), {"a": 1})
    machines.ended(execution)

    events = machines.history(execution)

    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    scheduled = events[2]["taskScheduledEventDetails"]
    assert json.loads(scheduled.pop("parameters")) == {"FunctionName": "f", "Payload": {"a": 1}}
    assert scheduled == {
        "resourceType": "lambda",
        "resource": "invoke",
        "region": "us-east-1",
        "timeoutInSeconds": 60,
    }
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5, 6]
