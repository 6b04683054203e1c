"""Events from PutEvents to their targets."""

import json
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.protocol import ACCOUNT, REGION
from tests.integration.events.world import ROLE, World, function_arn

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:journey"


def rule(world: World, target: dict[str, Any], pattern: dict[str, Any] | None = None, bus: str = "default") -> str:
    events = world.client("events")
    text = json.dumps(pattern or {"source": ["fmops"]})
    arn: str = events.put_rule(Name="rule", EventPattern=text, EventBusName=bus)["RuleArn"]
    events.put_targets(Rule="rule", EventBusName=bus, Targets=[{"Id": "t", **target}])
    return arn


def put(world: World, detail: dict[str, Any] | None = None, **entry: Any) -> dict[str, Any]:
    entry = {"Source": "fmops", "DetailType": "DatasetRegistered", "Detail": json.dumps(detail or {"n": 1}), **entry}
    answer: dict[str, Any] = world.client("events").put_events(Entries=[entry])
    return answer


def test_lambda_gets_the_event_in_its_envelope(world: World) -> None:
    rule(world, {"Arn": world.lambdas.permit("fn", "events.amazonaws.com")})

    answer = put(world, {"name": "disfl"}, Resources=["arn:x"])

    assert world.events.drain(10)
    (event,) = world.lambdas.events("fn")
    assert event["id"] == answer["Entries"][0]["EventId"]
    assert event["detail-type"] == "DatasetRegistered"
    assert event["source"] == "fmops"
    assert event["account"] == ACCOUNT
    assert event["region"] == REGION
    assert event["resources"] == ["arn:x"]
    assert event["detail"] == {"name": "disfl"}
    assert event["version"] == "0"


def test_event_that_does_not_match_is_not_delivered(world: World) -> None:
    rule(world, {"Arn": world.lambdas.permit("fn", "events.amazonaws.com")}, {"detail": {"n": [2]}})

    put(world, {"n": 1})

    assert world.events.drain(10)
    assert world.lambdas.given == []


def test_disabled_rule_delivers_nothing_until_enabled(world: World) -> None:
    rule(world, {"Arn": world.lambdas.permit("fn", "events.amazonaws.com")})
    world.client("events").disable_rule(Name="rule")
    put(world)
    assert world.events.drain(10)
    world.client("events").enable_rule(Name="rule")

    put(world, {"n": 2})

    assert world.events.drain(10)
    assert [event["detail"] for event in world.lambdas.events("fn")] == [{"n": 2}]


def test_lambda_without_permission_is_not_called(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.lambdas.permit("fn", "events.amazonaws.com", ArnLike={"aws:SourceArn": "arn:aws:events:*:*:rule/another"})
    rule(world, {"Arn": function_arn("fn")})

    put(world)

    assert world.events.drain(10)
    assert world.lambdas.given == []
    assert world.events.counts.lost == 1
    assert "is lost" in caplog.text
    assert "NO_PERMISSIONS" in caplog.text


def test_state_machine_is_started_with_the_transformed_input(world: World) -> None:
    transformer = {"InputPathsMap": {"name": "$.detail.name"}, "InputTemplate": '{"dataset": <name>}'}
    rule(world, {"Arn": MACHINE, "RoleArn": ROLE, "InputTransformer": transformer})

    put(world, {"name": "disfl"})

    assert world.events.drain(10)
    (started,) = world.states.started
    assert started["stateMachineArn"] == MACHINE
    assert json.loads(started["input"]) == {"dataset": "disfl"}


def test_state_machine_is_not_started_without_the_right_to(world: World) -> None:
    dead = world.queue("dead", "events.amazonaws.com")
    world.gate.denied.add("stepfunctions:StartExecution")
    arn = rule(world, {"Arn": MACHINE, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": dead}})

    put(world, {"name": "disfl"})

    assert world.events.drain(10)
    assert world.states.started == []
    (message,) = world.messages("dead")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"])["detail"] == {"name": "disfl"}
    assert attributes.pop("ERROR_MESSAGE").startswith("AccessDeniedException")
    assert attributes == {
        "RULE_ARN": arn,
        "TARGET_ARN": MACHINE,
        "ERROR_CODE": "NO_PERMISSIONS",
        "RETRY_ATTEMPTS": "0",
    }


def test_queue_and_topic_get_the_event(world: World) -> None:
    queue = world.queue("jobs", "events.amazonaws.com", "sns.amazonaws.com")
    sns = world.client("sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    rule(world, {"Arn": queue, "InputPath": "$.detail"})
    world.client("events").put_targets(Rule="rule", Targets=[{"Id": "topic", "Arn": topic, "Input": '"hello"'}])

    put(world, {"n": 7})

    assert world.events.drain(10)
    assert world.mailbox.drain(10)
    bodies = [json.loads(message["Body"]) for message in world.messages("jobs")]
    assert {"n": 7} in bodies
    assert [body["Message"] for body in bodies if "Message" in body] == ['"hello"']


def test_topic_with_its_default_policy_keeps_eventbridge_out(world: World) -> None:
    topic = world.client("sns").create_topic(Name="told")["TopicArn"]
    rule(world, {"Arn": topic})

    put(world)

    assert world.events.drain(10)
    assert world.events.counts.failures[0][1].code == "NO_PERMISSIONS"


def test_log_group_gets_the_event(world: World) -> None:
    logs = world.client("logs")
    logs.create_log_group(logGroupName="/aws/events/all")
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/all"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{arn}:*",
    }
    logs.put_resource_policy(policyName="events", policyDocument=json.dumps({"Statement": [statement]}))
    rule(world, {"Arn": arn})

    put(world, {"n": 3})

    assert world.events.drain(10)
    (found,) = logs.filter_log_events(logGroupName="/aws/events/all")["events"]
    assert json.loads(found["message"])["detail"] == {"n": 3}


def test_event_hops_to_another_bus_once(world: World) -> None:
    events = world.client("events")
    first = events.create_event_bus(Name="first")["EventBusArn"]
    second = events.create_event_bus(Name="second")["EventBusArn"]
    function = world.lambdas.permit("fn", "events.amazonaws.com")
    rule(world, {"Arn": first, "RoleArn": ROLE})
    rule(world, {"Arn": second, "RoleArn": ROLE}, bus="first")
    events.put_rule(Name="end", EventPattern='{"source": ["fmops"]}', EventBusName="first")
    events.put_targets(Rule="end", EventBusName="first", Targets=[{"Id": "fn", "Arn": function}])
    rule(world, {"Arn": function}, bus="second")

    put(world)

    assert world.events.drain(10)
    assert len(world.lambdas.events("fn")) == 1
    assert world.events.counts.failures[0][1].code == "THIRD_ACCOUNT_HOP_DETECTED"


def test_throttled_target_is_tried_again(world: World) -> None:
    rule(world, {"Arn": world.lambdas.permit("fn", "events.amazonaws.com")})
    world.lambdas.failing["fn"] = 2

    put(world)
    for _ in range(2):
        assert world.events.drain(10, retries=False)
        world.clock.advance(600)

    assert world.events.drain(10)
    assert len(world.lambdas.events("fn")) == 1
    assert world.events.counts.failures == []


def test_target_that_fails_too_often_is_buried(world: World) -> None:
    dead = world.queue("dead", "events.amazonaws.com")
    function = world.lambdas.permit("fn", "events.amazonaws.com")
    rule(world, {"Arn": function, "RetryPolicy": {"MaximumRetryAttempts": 1}, "DeadLetterConfig": {"Arn": dead}})
    world.lambdas.failing["fn"] = 99

    put(world)
    assert world.events.drain(10, retries=False)
    world.clock.advance(600)

    assert world.events.drain(10)
    (message,) = world.messages("dead")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["RETRY_ATTEMPTS"] == "1"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_dead_letter_queue_that_refuses_loses_the_event_loudly(world: World, caplog: pytest.LogCaptureFixture) -> None:
    dead = world.queue("dead")
    rule(world, {"Arn": function_arn("fn"), "DeadLetterConfig": {"Arn": dead}})

    put(world)

    assert world.events.drain(10)
    assert world.events.counts.lost == 1
    assert "its dead-letter queue refused it" in caplog.text


def test_rule_fires_by_its_schedule(world: World) -> None:
    events = world.client("events")
    arn = events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")["RuleArn"]
    function = world.lambdas.permit("fn", "events.amazonaws.com")
    events.put_targets(Rule="hourly", Targets=[{"Id": "fn", "Arn": function}])

    world.clock.advance(3 * 3600 + 60)

    assert world.events.drain(10)
    fired = world.lambdas.events("fn")
    assert len(fired) == 3
    assert {event["detail-type"] for event in fired} == {"Scheduled Event"}
    assert {event["source"] for event in fired} == {"aws.events"}
    assert fired[0]["resources"] == [arn]


@pytest.mark.parametrize(
    "entry,code",
    [
        ({"Source": "aws.s3", "DetailType": "d", "Detail": "{}"}, "NotAuthorizedForSource"),
        ({"DetailType": "d", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "s", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "s", "DetailType": "d"}, "InvalidArgument"),
        ({"Source": "s", "DetailType": "d", "Detail": "no json"}, "MalformedDetail"),
        ({"Source": "s", "DetailType": "d", "Detail": "[1]"}, "MalformedDetail"),
    ],
)
def test_bad_entry_is_refused_and_the_others_pass(world: World, entry: dict[str, str], code: str) -> None:
    good = {"Source": "s", "DetailType": "d", "Detail": "{}"}

    answer = world.client("events").put_events(Entries=[entry, good])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code
    assert "EventId" in answer["Entries"][1]


def test_too_large_request_is_refused_as_a_whole(world: World) -> None:
    with pytest.raises(ClientError, match="over the limit"):
        put(world, {"text": "x" * 1024 * 1024})


def test_event_for_an_unknown_bus_is_dropped_but_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = put(world, EventBusName="nowhere")

    assert answer["FailedEntryCount"] == 0
    assert "unknown bus nowhere" in caplog.text


def test_events_of_aws_itself_reach_rules(world: World) -> None:
    rule(world, {"Arn": world.lambdas.permit("fn", "events.amazonaws.com")}, {"source": ["aws.sagemaker"]})

    world.emit("aws.sagemaker", "SageMaker Training Job State Change", {"TrainingJobStatus": "Completed"}, ["arn:job"])

    assert world.events.drain(10)
    assert world.lambdas.events("fn")[0]["detail"] == {"TrainingJobStatus": "Completed"}


def test_rule_is_described_with_what_was_given(world: World) -> None:
    events = world.client("events")
    events.put_rule(
        Name="r", EventPattern='{"source": ["a"]}', Description="d", State="DISABLED", Tags=[{"Key": "k", "Value": "v"}]
    )

    found = events.describe_rule(Name="r")

    assert found["Arn"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    assert (found["EventPattern"], found["State"], found["Description"]) == ('{"source": ["a"]}', "DISABLED", "d")
    assert events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    assert [each["Name"] for each in events.list_rules(NamePrefix="r")["Rules"]] == ["r"]


def test_rule_with_targets_cannot_be_deleted(world: World) -> None:
    rule(world, {"Arn": function_arn("fn")})
    events = world.client("events")
    with pytest.raises(ClientError, match="has targets"):
        events.delete_rule(Name="rule")

    events.remove_targets(Rule="rule", Ids=["t"])
    events.delete_rule(Name="rule")

    assert events.list_rules()["Rules"] == []


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda events: events.put_rule(Name="r"), "must be specified"),
        (lambda events: events.put_rule(Name="r", EventPattern='{"a": "b"}'), "Event pattern is not valid"),
        (lambda events: events.put_rule(Name="r", ScheduleExpression="often"), "ScheduleExpression is not valid"),
        (lambda events: events.describe_rule(Name="nobody"), "does not exist"),
        (lambda events: events.delete_event_bus(Name="default"), "Cannot delete"),
        (lambda events: events.put_rule(Name="r", EventPattern='{"a": ["b"]}', EventBusName="x"), "does not exist"),
    ],
)
def test_call_is_refused(world: World, call: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        call(world.client("events"))


@pytest.mark.parametrize(
    "target,message",
    [
        ({"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/x"}, "NotImplementedByEmbeddedAws"),
        ({"Arn": MACHINE}, "RoleArn is required"),
        ({"Arn": function_arn("fn"), "Input": "no json"}, "not JSON"),
        ({"Arn": function_arn("fn"), "EcsParameters": {"TaskDefinitionArn": "x"}}, "NotImplementedByEmbeddedAws"),
    ],
)
def test_target_is_refused(world: World, target: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        rule(world, target)


def test_pattern_can_be_tried(world: World) -> None:
    event = {"id": "1", "account": "2", "source": "s", "time": "t", "region": "r", "resources": [], "detail-type": "d"}

    answer = world.client("events").test_event_pattern(EventPattern='{"source": ["s"]}', Event=json.dumps(event))

    assert answer["Result"] is True
