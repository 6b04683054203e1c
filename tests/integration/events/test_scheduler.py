"""Schedules that fire by the embedded clock."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.protocol import ACCOUNT, REGION
from tests.integration.events.world import ROLE, World, function_arn

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:journey"
FUNCTION = function_arn("fn")


def create(world: World, expression: str = "rate(1 hour)", name: str = "s", **more: Any) -> str:
    target = {"Arn": FUNCTION, "RoleArn": ROLE, **more.pop("target", {})}
    request = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": expression, "Target": target, **more}
    arn: str = world.client("scheduler").create_schedule(Name=name, **request)["ScheduleArn"]
    return arn


def later(world: World, **delta: float) -> datetime:
    return world.clock.datetime().replace(microsecond=0) + timedelta(**delta)


def test_rate_fires_at_once_and_then_each_interval(world: World) -> None:
    arn = create(world)
    world.clock.advance(2 * 3600)

    assert world.schedules.drain(10)
    fired = world.lambdas.events("fn")
    assert len(fired) == 3
    assert {event["source"] for event in fired} == {"aws.scheduler"}
    assert {event["detail"] for event in fired} == {"{}"}
    assert fired[0]["resources"] == [arn]


def test_rate_waits_for_its_start_and_ends_with_its_end(world: World) -> None:
    create(world, StartDate=later(world, hours=10), EndDate=later(world, hours=12, minutes=1))
    world.clock.advance(9 * 3600)
    assert world.schedules.drain(10)
    before = len(world.lambdas.given)

    world.clock.advance(100 * 3600)

    assert world.schedules.drain(10)
    assert before == 0
    assert len(world.lambdas.given) == 3


def test_cron_fires_on_the_clock_of_its_time_zone(world: World) -> None:
    placeholder = '"<aws.scheduler.scheduled-time>"'
    create(world, "cron(0 9 * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo", target={"Input": placeholder})

    world.clock.advance(86400)

    assert world.schedules.drain(10)
    (at,) = world.lambdas.events("fn")
    assert datetime.fromisoformat(at).astimezone(UTC).strftime("%H:%M") == "00:00"


def test_one_time_schedule_fires_once_and_goes(world: World) -> None:
    moment = later(world, hours=5).strftime("%Y-%m-%dT%H:%M:%S")
    create(world, f"at({moment})", ActionAfterCompletion="DELETE")

    world.clock.advance(86400)
    world.clock.advance(86400)

    assert world.schedules.drain(10)
    assert len(world.lambdas.given) == 1
    assert world.client("scheduler").list_schedules()["Schedules"] == []


def test_input_says_when_and_which(world: World) -> None:
    text = json.dumps(
        {
            "at": "<aws.scheduler.scheduled-time>",
            "id": "<aws.scheduler.execution-id>",
            "attempt": "<aws.scheduler.attempt-number>",
            "arn": "<aws.scheduler.schedule-arn>",
        }
    )
    moment = later(world, hours=1)
    arn = create(world, f"at({moment:%Y-%m-%dT%H:%M:%S})", target={"Arn": MACHINE, "Input": text})

    world.clock.advance(3600)

    assert world.schedules.drain(10)
    given = json.loads(world.states.started[0]["input"])
    assert given.pop("id")
    assert given == {"at": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "attempt": "1", "arn": arn}


def test_disabled_schedule_is_silent_but_can_be_fired_by_hand(world: World) -> None:
    create(world, State="DISABLED", target={"Input": '{"by": "hand"}'})
    world.clock.advance(86400)

    world.schedules.fire("s")

    assert world.schedules.drain(10)
    assert world.lambdas.events("fn") == [{"by": "hand"}]


def test_queue_bus_and_any_operation_can_be_targets(world: World) -> None:
    queue = world.queue("jobs")
    url = world.client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"]
    bus = world.client("events").create_event_bus(Name="bus")["EventBusArn"]
    world.client("events").put_rule(Name="r", EventBusName="bus", EventPattern='{"source": ["fmops"]}')
    function = world.lambdas.permit("listener", "events.amazonaws.com")
    world.client("events").put_targets(Rule="r", EventBusName="bus", Targets=[{"Id": "t", "Arn": function}])
    event = {"Source": "fmops", "DetailType": "Tick"}
    message = json.dumps({"QueueUrl": url, "MessageBody": "any"})
    create(world, name="queue", target={"Arn": queue, "Input": "plain"})
    create(world, name="bus", target={"Arn": bus, "Input": '{"n": 1}', "EventBridgeParameters": event})
    create(world, name="any", target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": message})

    world.clock.advance(1)

    assert world.schedules.drain(10)
    assert world.events.drain(10)
    assert sorted(found["Body"] for found in world.messages("jobs")) == ["any", "plain"]
    assert [found["detail"] for found in world.lambdas.events("listener")] == [{"n": 1}]


def test_role_that_may_not_call_the_target_ends_in_the_dead_letter_queue(world: World) -> None:
    world.gate.denied.add("lambda:Invoke")
    dead = world.queue("dead")
    arn = create(world, target={"Input": '{"n": 1}', "DeadLetterConfig": {"Arn": dead}})

    world.clock.advance(1)

    assert world.schedules.drain(10)
    (message,) = world.messages("dead")
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == {"n": 1}
    assert attributes["SCHEDULE_ARN"] == arn
    assert attributes["TARGET_ARN"] == FUNCTION
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["RETRY_ATTEMPTS"] == "0"


def test_failing_target_is_tried_as_often_as_the_policy_says(world: World) -> None:
    world.lambdas.failing["fn"] = 99
    create(world, "rate(30 days)", target={"RetryPolicy": {"MaximumRetryAttempts": 2}})

    for _ in range(3):
        world.clock.advance(3600)
        assert world.schedules.drain(10, retries=False)

    assert world.schedules.drain(10)
    assert world.lambdas.failing["fn"] == 96
    assert world.schedules.counts.failures[0][1].exhausted == "MaximumRetryAttempts"


def test_schedule_is_read_updated_and_deleted(world: World) -> None:
    scheduler = world.client("scheduler")
    create(world, Description="first")
    found = scheduler.get_schedule(Name="s")

    scheduler.update_schedule(
        Name="s", ScheduleExpression="rate(2 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=found["Target"]
    )

    assert (found["Description"], found["State"], found["GroupName"]) == ("first", "ENABLED", "default")
    assert found["Target"] == {"Arn": FUNCTION, "RoleArn": ROLE}
    assert "Description" not in scheduler.get_schedule(Name="s")
    assert scheduler.get_schedule(Name="s")["ScheduleExpression"] == "rate(2 days)"
    scheduler.delete_schedule(Name="s")
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name="s")


def test_group_takes_its_schedules_with_it(world: World) -> None:
    scheduler = world.client("scheduler")
    scheduler.create_schedule_group(Name="g")
    create(world, name="in", GroupName="g")
    create(world, name="out")

    scheduler.delete_schedule_group(Name="g")

    assert [found["Name"] for found in scheduler.list_schedules()["Schedules"]] == ["out"]


@pytest.mark.parametrize(
    "changes,message",
    [
        ({"expression": "rate(1 hours)"}, "Invalid rate"),
        ({"ScheduleExpressionTimezone": "Mars/Base"}, "Invalid time zone"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
        ({"GroupName": "nobody"}, "does not exist"),
        ({"target": {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/x"}}, "NotImplementedByEmbeddedAws"),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:fly"}}, "not a service and operation"),
    ],
)
def test_schedule_is_refused(world: World, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        create(world, changes.pop("expression", "rate(1 hour)"), **changes)
