"""Updates with a DeploymentConfig: traffic in steps, bakes on the one clock, alarms that take the new fleet back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

STATE, DEPLOYMENT = "SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"
ROLE = "arn:aws:iam::123456789012:role/endpoint"


class Chat:
    """The endpoint `chat`: its configuration `a` answers "a: …", `b` answers "b: …"."""

    def __init__(self, aws: Any, soon: Callable[..., Any], instances: int) -> None:
        self.aws, self.soon, self.sagemaker = aws, soon, aws.client("sagemaker")
        aws.put("models", {f"{name}/config.json": json.dumps({"name": name}) for name in "ab"})
        aws.put("models", {"bad/config.json": '{"broken": true}'})
        for name in ("a", "b", "bad"):
            source = {"S3Uri": f"s3://models/{name}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
            container = {"Image": "registry/llm:1", "ModelDataSource": {"S3DataSource": source}}
            self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
            self.sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[
                    {
                        "VariantName": "AllTraffic",
                        "ModelName": name,
                        "InitialInstanceCount": instances,
                        "InstanceType": "ml.g5.xlarge",
                    }
                ],
            )
        self.sagemaker.create_endpoint(EndpointName="chat", EndpointConfigName="a")
        soon(lambda: self.shown["EndpointStatus"] == "InService")

    @property
    def shown(self) -> Any:
        return self.sagemaker.describe_endpoint(EndpointName="chat")

    def update(self, config: str = "b", **deployment: Any) -> None:
        self.sagemaker.update_endpoint(
            EndpointName="chat",
            EndpointConfigName=config,
            **({"DeploymentConfig": deployment} if deployment else {}),
        )

    def baking(self, instances: int) -> Any:
        """The pending summary, once so many instances of the new fleet take traffic."""

        def there() -> Any:
            pending = self.shown.get("PendingDeploymentSummary", {}).get("ProductionVariants", [{}])[0]
            at = pending.get("CurrentInstanceCount") == instances
            return pending if at and pending["VariantStatus"][0]["Status"] == "Baking" else None

        return self.soon(there)

    def settled(self) -> Any:
        def there() -> Any:
            found = self.shown
            return found if found["EndpointStatus"] == "InService" else None

        return self.soon(there)

    def ask(self, inputs: str = "x", **members: Any) -> str:
        body = json.dumps({"inputs": inputs, **members})
        runtime = self.aws.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName="chat", Body=body, ContentType="application/json")
        return str(json.loads(answer["Body"].read())[0]["generated_text"])

    def share_of_b(self, asked: int = 60) -> float:
        return sum(self.ask().startswith("b") for _ in range(asked)) / asked

    def alarm(self, name: str, metric: str, *, stat: str = "Average", above: float, **members: Any) -> None:
        self.aws.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[
                {"Name": "EndpointName", "Value": "chat"},
                {"Name": "VariantName", "Value": "AllTraffic"},
                {"Name": "EndpointConfigName", "Value": "b"},
            ],
            Period=60,
            EvaluationPeriods=1,
            Threshold=above,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            **({"ExtendedStatistic": stat} if stat.startswith("p") else {"Statistic": stat}),
            **members,
        )


@pytest.fixture
def chat_of(aws: Any, soon: Callable[..., Any]) -> Callable[[int], Chat]:
    """Makes the endpoint with a number of instances."""
    return lambda instances: Chat(aws, soon, instances)


def blue_green(kind: str, *, wait: int = 300, bake: int = 600, **sizes: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bake}}


def guarded(*names: str) -> dict[str, Any]:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in names]}}


ONE = {"Type": "INSTANCE_COUNT", "Value": 1}


def test_all_at_once_bakes_with_all_traffic_on_the_new_fleet(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)

    chat.update(**blue_green("ALL_AT_ONCE"))
    pending = chat.baking(1)

    assert chat.shown["EndpointConfigName"] == "a"
    assert chat.shown["PendingDeploymentSummary"]["EndpointConfigName"] == "b"
    assert "600 seconds (TerminationWaitInSeconds)" in pending["VariantStatus"][0]["StatusMessage"]
    assert chat.share_of_b(8) == 1
    chat.aws.clock.advance(601)
    assert chat.settled()["EndpointConfigName"] == "b"
    assert "PendingDeploymentSummary" not in chat.shown
    assert chat.aws.told(STATE, "EndpointStatus") == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]
    told = [detail["ProductionVariants"][0]["VariantStatus"][0]["Status"] for detail in pendings(chat)]
    assert told == ["Creating", "Baking"]


def pendings(chat: Chat) -> list[Any]:
    return list(chat.aws.told(DEPLOYMENT, "PendingDeploymentSummary"))


def test_a_canary_gets_its_share_first(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(4)

    chat.update(**blue_green("CANARY", CanarySize=ONE))
    chat.baking(1)

    assert 0.05 < chat.share_of_b(80) < 0.55
    chat.aws.clock.advance(301)
    chat.baking(4)
    assert chat.share_of_b(8) == 1
    chat.aws.clock.advance(601)
    assert chat.settled()["EndpointConfigName"] == "b"


def test_linear_steps_follow_each_other(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(4)

    chat.update(**blue_green("LINEAR", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 25}))
    for on in (1, 2, 3):
        chat.baking(on)
        chat.aws.clock.advance(301)
    chat.baking(4)
    chat.aws.clock.advance(601)

    assert chat.settled()["EndpointConfigName"] == "b"


def test_a_rolling_update_goes_batch_by_batch(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(2)

    chat.update(RollingUpdatePolicy={"MaximumBatchSize": ONE, "WaitIntervalInSeconds": 120})
    for on in (1, 2):
        chat.baking(on)
        chat.aws.clock.advance(121)

    assert chat.settled()["EndpointConfigName"] == "b"


def test_an_alarm_on_the_new_fleets_errors_takes_it_back(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)
    chat.alarm("errors", "Invocation5XXErrors", above=0.1)
    chat.update(**blue_green("ALL_AT_ONCE"), **guarded("errors"))
    chat.baking(1)

    for _ in range(3):
        with pytest.raises(ClientError):
            chat.ask("fail", status=503)
    chat.aws.clock.advance(61)

    shown = chat.settled()
    assert shown["EndpointConfigName"] == "a"
    assert "errors" in shown["FailureReason"]
    assert chat.ask() == "a: x"
    assert chat.aws.told(STATE, "EndpointStatus")[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]


def test_an_alarm_on_latency_takes_the_canary_back(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(2)
    chat.alarm("slow", "ModelLatency", stat="p95", above=0.0)
    chat.update(**blue_green("CANARY", CanarySize=ONE), **guarded("slow"))
    chat.baking(1)

    for _ in range(30):
        chat.ask()
    chat.aws.clock.advance(61)

    assert chat.settled()["EndpointConfigName"] == "a"


def test_an_alarm_that_trips_and_recovers_within_a_jump_of_the_clock_still_counts(
    chat_of: Callable[[int], Chat],
) -> None:
    chat = chat_of(1)
    chat.alarm("errors", "Invocation5XXErrors", above=0.1)
    chat.update(**blue_green("ALL_AT_ONCE"), **guarded("errors"))
    chat.baking(1)
    with pytest.raises(ClientError):
        chat.ask("fail", status=503)

    chat.aws.clock.advance(3600)

    assert chat.settled()["EndpointConfigName"] == "a"


def test_errors_of_the_old_fleet_do_not_count(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)
    with pytest.raises(ClientError):
        chat.ask("fail", status=503)
    chat.alarm("errors", "Invocation5XXErrors", above=0.1)
    chat.update(**blue_green("ALL_AT_ONCE", bake=60), **guarded("errors"))
    chat.baking(1)

    chat.aws.clock.advance(121)

    assert chat.settled()["EndpointConfigName"] == "b"


def test_an_alarm_that_is_tripped_before_ends_the_update_at_once(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)
    chat.alarm("errors", "Invocation5XXErrors", above=0.1)
    chat.aws.client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="the old fleet")

    chat.update(**blue_green("ALL_AT_ONCE"), **guarded("errors"))

    assert chat.settled()["EndpointConfigName"] == "a"
    assert chat.ask() == "a: x"


def test_a_fleet_that_does_not_start_leaves_the_old_one(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)

    chat.update("bad", **blue_green("ALL_AT_ONCE"))

    shown = chat.settled()
    assert shown["EndpointConfigName"] == "a"
    assert "ping health check" in shown["FailureReason"]


def test_an_update_that_takes_too_long_goes_back(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(2)
    deployment = blue_green("CANARY", wait=300, bake=200, CanarySize=ONE)
    deployment["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    chat.aws.sagemaker.faults.hold("chat")
    chat.update(**deployment)
    chat.aws.clock.advance(400)
    chat.aws.sagemaker.faults.let_go("chat")
    chat.baking(1)

    chat.aws.clock.advance(201)

    assert "maximum execution timeout" in chat.settled()["FailureReason"]


def test_nothing_else_may_happen_while_it_updates(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(1)
    chat.update(**blue_green("ALL_AT_ONCE"))
    chat.baking(1)

    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        chat.update("a")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        chat.sagemaker.delete_endpoint(EndpointName="chat")


def test_both_fleets_count_against_the_quota(chat_of: Callable[[int], Chat]) -> None:
    chat = chat_of(2)
    chat.aws.sagemaker.quotas.limits["ml.g5.xlarge for endpoint usage"] = 3

    with pytest.raises(ClientError) as caught:
        chat.update(**blue_green("ALL_AT_ONCE"))

    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"


@pytest.mark.parametrize(
    ("instances", "deployment", "words"),
    [
        (1, blue_green("CANARY", CanarySize=ONE), "between 1% and 50%"),
        (4, blue_green("CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 60}), "between 1% and 50%"),
        (4, blue_green("CANARY"), "CanarySize must be specified"),
        (20, blue_green("LINEAR", LinearStepSize=ONE), "between 10% and 50%"),
        (1, {"RollingUpdatePolicy": {"MaximumBatchSize": ONE, "WaitIntervalInSeconds": 0}}, "between 5% and 50%"),
        (
            2,
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
                    "TerminationWaitInSeconds": 700,
                    "MaximumExecutionTimeoutInSeconds": 600,
                }
            },
            "larger than the total waiting time",
        ),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    chat_of: Callable[[int], Chat], instances: int, deployment: dict[str, Any], words: str
) -> None:
    chat = chat_of(instances)

    with pytest.raises(ClientError, match=words):
        chat.update(**deployment)

    assert chat.shown["EndpointStatus"] == "InService"
