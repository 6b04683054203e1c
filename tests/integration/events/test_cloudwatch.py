"""Metrics in and out, and alarms that act."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.protocol import ACCOUNT, REGION
from tests.integration.events.world import World

ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"


def topic(world: World) -> str:
    """A topic whose messages land in the queue `told`."""
    queue = world.queue("told", "sns.amazonaws.com")
    sns = world.client("sns")
    arn: str = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    return arn


def alarm(world: World, **changes: Any) -> None:
    request = {
        "AlarmName": "errors",
        "Namespace": "App",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "Stage", "Value": "test"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changes,
    }
    world.client("cloudwatch").put_metric_alarm(**{name: value for name, value in request.items() if value is not None})


def put(world: World, value: float, name: str = "Errors", **more: Any) -> None:
    datum = {"MetricName": name, "Dimensions": [{"Name": "Stage", "Value": "test"}], "Value": value, **more}
    world.client("cloudwatch").put_metric_data(Namespace="App", MetricData=[datum])


def state(world: World, name: str = "errors") -> str:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = world.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    (only,) = found["MetricAlarms"] + found["CompositeAlarms"]
    return str(only["StateValue"])


def told(world: World) -> list[dict[str, Any]]:
    assert world.cloudwatch.alarms.drain(10)
    assert world.mailbox.drain(10)
    return [json.loads(message["Body"]) for message in world.messages("told")]


def test_new_alarm_has_insufficient_data_until_evaluated(world: World) -> None:
    # Nobody else evaluates it: a minute of the clock may begin just now.
    world.cloudwatch.alarms.stop()
    alarm(world)
    before = state(world)

    world.cloudwatch.alarms.evaluate()

    assert before == "INSUFFICIENT_DATA"
    assert state(world) == "OK"


def test_breach_tells_the_topic_and_eventbridge(world: World) -> None:
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}')
    function = world.lambdas.permit("fn", "events.amazonaws.com")
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": function}])
    alarm(world, AlarmActions=[topic(world)], AlarmDescription="too many")
    put(world, 5)

    world.cloudwatch.alarms.evaluate()

    (message,) = told(world)
    assert (message["AlarmName"], message["OldStateValue"], message["NewStateValue"]) == (
        "errors",
        "INSUFFICIENT_DATA",
        "ALARM",
    )
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [5.0 (")
    assert message["Trigger"]["Dimensions"] == [{"value": "test", "name": "Stage"}]
    assert world.events.drain(10)
    (event,) = world.lambdas.events("fn")
    assert event["resources"] == [f"{ARN}:errors"]
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "Errors"


def test_alarm_goes_and_comes_back_as_the_clock_moves(world: World) -> None:
    alarm(world, AlarmActions=[topic(world)], OKActions=[f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"])
    put(world, 5)

    world.clock.advance(60)
    during = state(world)
    world.clock.advance(600)

    assert during == "ALARM"
    assert state(world) == "OK"
    assert sorted(message["NewStateValue"] for message in told(world)) == ["ALARM", "OK"]


def test_state_that_does_not_change_is_not_told_again(world: World) -> None:
    alarm(world, AlarmActions=[topic(world)])
    put(world, 5)

    world.cloudwatch.alarms.evaluate()
    world.cloudwatch.alarms.evaluate()

    assert len(told(world)) == 1


def test_two_of_three_datapoints_are_needed(world: World) -> None:
    alarm(world, EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="missing")
    now = world.clock.datetime()
    put(world, 5, Timestamp=now - timedelta(minutes=2))
    put(world, 0, Timestamp=now - timedelta(minutes=1))
    world.cloudwatch.alarms.evaluate()
    one = state(world)

    put(world, 5)
    world.cloudwatch.alarms.evaluate()

    assert one == "OK"
    assert state(world) == "ALARM"


@pytest.mark.parametrize(
    "treatment,expected",
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_silence_means_what_the_alarm_says(world: World, treatment: str, expected: str) -> None:
    alarm(world, TreatMissingData=treatment)
    put(world, 5)
    world.cloudwatch.alarms.evaluate()

    world.clock.advance(3600)

    assert state(world) == expected


def test_percentile_alarm_looks_at_single_values(world: World) -> None:
    alarm(world, Statistic=None, ExtendedStatistic="p90")
    datum = {"MetricName": "Errors", "Dimensions": [{"Name": "Stage", "Value": "test"}]}
    world.client("cloudwatch").put_metric_data(
        Namespace="App", MetricData=[{**datum, "Values": [1.0, 100.0], "Counts": [95.0, 5.0]}]
    )
    world.cloudwatch.alarms.evaluate()
    before = state(world)

    for _ in range(20):
        put(world, 100)
    world.cloudwatch.alarms.evaluate()

    assert before == "OK"
    assert state(world) == "ALARM"


def test_alarm_on_metric_math(world: World) -> None:
    def stat(query_id: str, name: str) -> dict[str, Any]:
        metric = {"Namespace": "App", "MetricName": name, "Dimensions": [{"Name": "Stage", "Value": "test"}]}
        return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    queries = [stat("errors", "Errors"), stat("calls", "Calls"), {"Id": "rate", "Expression": "100 * errors / calls"}]
    world.client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    put(world, 1)
    put(world, 5, "Calls")

    world.cloudwatch.alarms.evaluate()

    assert state(world) == "ALARM"


def test_composite_alarm_follows_its_rule(world: World) -> None:
    alarm(world)
    alarm(world, AlarmName="slow", MetricName="Slow")
    world.client("cloudwatch").put_composite_alarm(
        AlarmName="both", AlarmRule="ALARM(errors) AND ALARM(slow)", AlarmActions=[topic(world)]
    )
    put(world, 5)
    world.cloudwatch.alarms.evaluate()
    one = state(world, "both")

    put(world, 5, "Slow")
    world.cloudwatch.alarms.evaluate()

    assert one == "OK"
    assert state(world, "both") == "ALARM"
    assert [message["AlarmRule"] for message in told(world)] == ["ALARM(errors) AND ALARM(slow)"]


def test_lambda_action_gets_the_alarm(world: World) -> None:
    function = world.lambdas.permit("fn", "lambda.alarms.cloudwatch.amazonaws.com")
    alarm(world, AlarmActions=[function])

    world.client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="by hand")

    assert world.cloudwatch.alarms.drain(10)
    (event,) = world.lambdas.events("fn")
    assert event["alarmData"]["state"]["reason"] == "by hand"


def test_disabled_actions_do_nothing(world: World) -> None:
    alarm(world, AlarmActions=[topic(world)])
    world.client("cloudwatch").disable_alarm_actions(AlarmNames=["errors"])
    put(world, 5)

    world.cloudwatch.alarms.evaluate()

    assert state(world) == "ALARM"
    assert told(world) == []


def test_history_tells_what_happened(world: World) -> None:
    alarm(world)
    put(world, 5)
    world.cloudwatch.alarms.evaluate()

    items = world.client("cloudwatch").describe_alarm_history(AlarmName="errors")["AlarmHistoryItems"]

    assert [item["HistoryItemType"] for item in items] == ["StateUpdate", "ConfigurationUpdate"]
    assert items[0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_messages_in_a_dead_letter_queue_raise_an_alarm(world: World) -> None:
    world.queue("dead")
    url = world.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    alarm(
        world,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "dead"}],
        Statistic="Maximum",
        Threshold=0,
    )
    world.client("sqs").send_message(QueueUrl=url, MessageBody="x")

    world.cloudwatch.alarms.evaluate()

    assert state(world) == "ALARM"


@pytest.mark.parametrize(
    "changes,message",
    [
        ({"Statistic": None}, "Exactly one of Statistic"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"TreatMissingData": "panic"}, "not supported"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "NotImplementedByEmbeddedAws"),
        ({"ComparisonOperator": "LessThanLowerThreshold", "ThresholdMetricId": "band"}, "NotImplementedByEmbeddedAws"),
        ({"Statistic": None, "ExtendedStatistic": "tm90"}, "NotImplementedByEmbeddedAws"),
    ],
)
def test_alarm_is_refused(world: World, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        alarm(world, **changes)


def test_composite_alarm_on_unknown_alarms_is_refused(world: World) -> None:
    with pytest.raises(ClientError, match="do not exist"):
        world.client("cloudwatch").put_composite_alarm(AlarmName="c", AlarmRule="ALARM(nobody)")


def test_metric_data_and_statistics_are_read_back(world: World) -> None:
    cloudwatch = world.client("cloudwatch")
    for value in (1.0, 3.0):
        put(world, value, Unit="Count")
    now = world.clock.datetime()
    span = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    where = {"Namespace": "App", "MetricName": "Errors", "Dimensions": [{"Name": "Stage", "Value": "test"}]}
    query = {"Id": "e", "MetricStat": {"Metric": where, "Period": 300, "Stat": "Average"}}

    (line,) = cloudwatch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    (point,) = cloudwatch.get_metric_statistics(**where, Period=300, Statistics=["Sum", "SampleCount"], **span)[
        "Datapoints"
    ]

    assert (line["Label"], line["Values"], line["StatusCode"]) == ("Errors", [2.0], "Complete")
    assert (point["Sum"], point["SampleCount"], point["Unit"]) == (4.0, 2.0, "Count")
    assert cloudwatch.list_metrics(Namespace="App")["Metrics"] == [where]
    assert cloudwatch.list_metrics(Namespace="Other")["Metrics"] == []


def test_many_metrics_in_one_compressed_call(world: World) -> None:
    # botocore compresses PutMetricData from 10 KB on.
    data = [{"MetricName": f"metric-number-{number}", "Value": float(number)} for number in range(500)]

    world.client("cloudwatch").put_metric_data(Namespace="App", MetricData=data)

    assert len(world.client("cloudwatch").list_metrics(Namespace="App")["Metrics"]) == 500


@pytest.mark.parametrize(
    "datum",
    [
        {"Value": float("nan")},
        {"Value": 1.0, "Values": [1.0]},
        {"Values": [1.0, 2.0], "Counts": [1.0]},
        {},
        {"Value": 1.0, "Timestamp": 0},
    ],
)
def test_bad_metric_data_is_refused(world: World, datum: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        world.client("cloudwatch").put_metric_data(Namespace="App", MetricData=[{"MetricName": "m", **datum}])


def test_log_line_in_embedded_format_becomes_a_metric(world: World) -> None:
    directive = {"Namespace": "FmOps", "Dimensions": [["Endpoint"]], "Metrics": [{"Name": "Score"}]}
    at = int(world.clock.now() * 1000)
    line = {"_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]}, "Endpoint": "chat", "Score": 0.5}

    world.cloudwatch.ingest(json.dumps(line))

    (found,) = world.client("cloudwatch").list_metrics(Namespace="FmOps")["Metrics"]
    assert found["Dimensions"] == [{"Name": "Endpoint", "Value": "chat"}]


def test_dashboards_are_kept(world: World) -> None:
    cloudwatch = world.client("cloudwatch")
    body = json.dumps({"widgets": []})

    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=body)

    assert cloudwatch.get_dashboard(DashboardName="d")["DashboardBody"] == body
    assert [entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]] == ["d"]
    with pytest.raises(ClientError, match="valid JSON"):
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody="{")
    cloudwatch.delete_dashboards(DashboardNames=["d"])
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.get_dashboard(DashboardName="d")


def test_executions_of_state_machines_are_counted(world: World) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:journey"
    for status, stop in (("RUNNING", None), ("FAILED", 1500)):
        detail = {"stateMachineArn": machine, "status": status, "startDate": 1000, "stopDate": stop}
        world.emit("aws.states", "Step Functions Execution Status Change", detail)
    now = world.clock.datetime()

    found = {
        name: world.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/States",
            MetricName=name,
            Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
            Period=300,
            Statistics=["Sum"],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
        )["Datapoints"]
        for name in ("ExecutionsStarted", "ExecutionsFailed", "ExecutionTime")
    }

    assert {name: sum(point["Sum"] for point in points) for name, points in found.items()} == {
        "ExecutionsStarted": 1,
        "ExecutionsFailed": 1,
        "ExecutionTime": 500,
    }
