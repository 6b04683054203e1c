"""How traffic goes to the new fleet: what is asked for, as far as the instance count allows it. Pure."""

from typing import Any, NamedTuple

from fmops.usecases.releasing import Rollout, Shifting

_MINUTE = 60
_LEAST_TIMEOUT, _MOST_TIMEOUT = 600, 28_800
_STARTING = 3600
"""Seconds for the new fleet to start, beside all waits."""
_SLACK = 1800
"""For SageMaker to go back by itself, and for the news of it."""
_CANARY_PERCENT = 25
_LINEAR_PERCENT = 20
_BATCH_PERCENT = 50
FEWEST_FOR_LINEAR = 10
"""From so many instances on a step of 20 % is a small one."""


class Chosen(NamedTuple):
    """A way to shift traffic, and why this one."""

    shifting: Shifting
    why: str


def choose(wanted: Rollout, instances: int) -> Chosen:
    """What a rollout over so many instances will be. SageMaker's steps are at most half of the instances each."""
    if instances == 1:
        why = "one instance can't be split"
        return Chosen(
            "all_at_once", why if wanted.traffic in ("auto", "all_at_once") else f"{why}: no {wanted.traffic}"
        )
    if not wanted.second_fleet:
        return Chosen("rolling", "there is no capacity for a second fleet")
    if wanted.traffic != "auto":
        return Chosen(wanted.traffic, "as the use case says")
    if instances >= FEWEST_FOR_LINEAR:
        return Chosen("linear", f"{instances} instances can be shifted in small steps")
    return Chosen("canary", f"{instances} instances can be split, and not in many steps")


def deployment_config(wanted: Rollout, instances: int, alarms: list[str]) -> dict[str, Any]:
    """UpdateEndpoint's `DeploymentConfig`."""
    shifting = choose(wanted, instances).shifting
    wait, bake = wanted.step_minutes * _MINUTE, wanted.bake_minutes * _MINUTE
    guards = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
    if shifting == "rolling":
        # A batch's bake is all that there is: the last one must hold the golden prompts too.
        size = _percent(instances, _BATCH_PERCENT)
        batches = -(-instances // size)
        policy = {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": size},
            "WaitIntervalInSeconds": bake,
            "MaximumExecutionTimeoutInSeconds": _timeout(bake * batches),
            # Back at once, and not batch by batch.
            "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
        }
        return {"RollingUpdatePolicy": policy, **guards}
    routing: dict[str, Any] = {"Type": shifting.upper(), "WaitIntervalInSeconds": wait}
    waits = bake
    if shifting == "canary":
        routing["CanarySize"] = {"Type": "INSTANCE_COUNT", "Value": _percent(instances, _CANARY_PERCENT)}
        waits += wait
    elif shifting == "linear":
        size = _percent(instances, _LINEAR_PERCENT)
        routing["LinearStepSize"] = {"Type": "INSTANCE_COUNT", "Value": size}
        steps = -(-instances // size) - 1
        # Many steps of an hour would be longer than SageMaker lets any update take.
        routing["WaitIntervalInSeconds"] = min(wait, (_MOST_TIMEOUT - _STARTING - bake) // steps)
        waits += routing["WaitIntervalInSeconds"] * steps
    else:
        routing["WaitIntervalInSeconds"] = 0
    policy = {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": bake,
        "MaximumExecutionTimeoutInSeconds": _timeout(waits),
    }
    return {"BlueGreenUpdatePolicy": policy, **guards}


def deadline_seconds(wanted: Rollout, instances: int) -> int:
    """How long an update, or the start of a first fleet, may take until somebody must look at it."""
    config = deployment_config(wanted, instances, [])
    policy = next(iter(config.values()))
    return int(policy["MaximumExecutionTimeoutInSeconds"]) + _SLACK


def _percent(instances: int, percent: int) -> int:
    """So much of the instances, one at least: below SageMaker's half for every count from 2 on."""
    return max(1, instances * percent // 100)


def _timeout(waits: int) -> int:
    """AWS wants it to be larger than all waits."""
    return min(max(waits + _STARTING, _LEAST_TIMEOUT), _MOST_TIMEOUT)
