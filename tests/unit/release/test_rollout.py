"""How traffic is shifted: what the instance count allows, in requests that SageMaker takes."""

from typing import Any

import pytest

from fmops.release.rollout import choose, deadline_seconds, deployment_config
from fmops.usecases.releasing import Rollout
from local.sagemaker.deployments import deployment
from tests.contract.botocore_validation import problems


def asked(instances: int, **members: Any) -> dict[str, Any]:
    return deployment_config(Rollout.model_validate(members), instances, ["alarm"])


@pytest.mark.parametrize(
    ("instances", "members", "shifting"),
    [
        (1, {}, "all_at_once"),
        (1, {"traffic": "canary"}, "all_at_once"),
        (1, {"second_fleet": False}, "all_at_once"),
        (2, {}, "canary"),
        (9, {}, "canary"),
        (10, {}, "linear"),
        (4, {"traffic": "linear"}, "linear"),
        (4, {"traffic": "all_at_once"}, "all_at_once"),
        (4, {"second_fleet": False}, "rolling"),
        (4, {"traffic": "rolling"}, "rolling"),
    ],
)
def test_the_instance_count_decides(instances: int, members: dict[str, Any], shifting: str) -> None:
    assert choose(Rollout.model_validate(members), instances).shifting == shifting


def test_what_is_asked_for_and_impossible_says_why() -> None:
    chosen = choose(Rollout(traffic="canary"), 1)

    assert chosen.why == "one instance can't be split: no canary"


@pytest.mark.parametrize("traffic", ["auto", "all_at_once", "canary", "linear", "rolling"])
@pytest.mark.parametrize("minutes", [(1, 5), (60, 60)])
def test_every_count_gives_a_request_that_aws_takes(traffic: str, minutes: tuple[int, int]) -> None:
    for instances in range(1, 101):
        config = asked(instances, traffic=traffic, step_minutes=minutes[0], bake_minutes=minutes[1])
        request = {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": config}

        assert problems("sagemaker", "update_endpoint", request) == []
        steps = deployment(config, instances).steps
        assert steps[-1].on == instances
        assert steps[-1].wait == minutes[1] * 60


def test_a_canary_is_a_quarter_and_bakes_twice() -> None:
    policy = asked(8)["BlueGreenUpdatePolicy"]

    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 600,
        "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 2},
    }
    assert policy["TerminationWaitInSeconds"] == 1800


def test_the_deadline_lies_after_everything_that_sagemaker_may_take() -> None:
    config = asked(10)["BlueGreenUpdatePolicy"]

    assert deadline_seconds(Rollout(), 10) > config["MaximumExecutionTimeoutInSeconds"]
