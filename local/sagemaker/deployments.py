"""What an endpoint's DeploymentConfig asks for, as the steps in which traffic goes to the new fleet. Pure."""

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from local.protocol import NotImplementedByEmbeddedAws
from local.sagemaker.records import invalid

Kind = Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]

_LEAST_PERCENT = {"LINEAR": 10, "ROLLING": 5}
_DEFAULT_TIMEOUT = 14_400


class Step(NamedTuple):
    """One shift of traffic, and how long alarms are watched after it."""

    on: int
    """Instances of the new fleet that take traffic."""
    wait: int
    """Seconds."""
    setting: str
    """What says how long: a member of the DeploymentConfig."""


class Deployment(NamedTuple):
    """An update from one fleet to the next."""

    kind: Kind
    instances: int
    steps: tuple[Step, ...]
    alarms: tuple[str, ...]
    timeout: int
    """Seconds."""

    def message(self, step: Step) -> str:
        capacity = "full capacity" if step.on == self.instances else _PARTIAL[self.kind]
        where = f"with traffic enabled on {capacity} of {step.on} instance(s)."
        return f"Baking for {step.wait} seconds ({step.setting}) {where}"


_PARTIAL: dict[Kind, str] = {
    "ALL_AT_ONCE": "full capacity",
    "CANARY": "canary capacity",
    "LINEAR": "linear step capacity",
    "ROLLING": "batch capacity",
}


def deployment(config: Mapping[str, Any] | None, instances: int) -> Deployment:
    """The steps of a DeploymentConfig over a new fleet of so many instances. AwsError for what AWS refuses.

    Without one: all at once, and no bake.
    """
    given = config or {}
    alarms = tuple(alarm["AlarmName"] for alarm in given.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    blue, rolling = given.get("BlueGreenUpdatePolicy"), given.get("RollingUpdatePolicy")
    if blue and rolling:
        raise invalid("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy may be specified.")
    kind: Kind = "ALL_AT_ONCE"
    steps: tuple[Step, ...] = (Step(instances, 0, "TerminationWaitInSeconds"),)
    if rolling:
        kind, steps = "ROLLING", _rolling(rolling, instances)
    elif blue:
        kind, steps = blue["TrafficRoutingConfiguration"]["Type"], _blue_green(blue, instances)
    timeout = (rolling or blue or {}).get("MaximumExecutionTimeoutInSeconds", _DEFAULT_TIMEOUT)
    if (rolling or blue) and timeout <= sum(step.wait for step in steps):
        raise invalid(
            "MaximumExecutionTimeoutInSeconds must be larger than the total waiting time of the deployment, "
            f"which is {sum(step.wait for step in steps)} seconds."
        )
    return Deployment(kind, instances, steps, alarms, timeout)


def _blue_green(policy: Mapping[str, Any], instances: int) -> tuple[Step, ...]:
    routing = policy["TrafficRoutingConfiguration"]
    kind, wait = routing["Type"], routing.get("WaitIntervalInSeconds", 0)
    last = Step(instances, policy.get("TerminationWaitInSeconds", 0), "TerminationWaitInSeconds")
    if kind == "ALL_AT_ONCE":
        return (last,)
    member = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(kind)
    if member is None:
        raise NotImplementedByEmbeddedAws(f"traffic routing of type {kind}")
    if member not in routing:
        raise invalid(f"{member} must be specified for traffic routing of type {kind}.")
    size = _size(member, routing[member], instances, _LEAST_PERCENT.get(kind, 1))
    between = [size] if kind == "CANARY" else range(size, instances, size)
    return (*(Step(on, wait, "WaitIntervalInSeconds") for on in between), last)


def _rolling(policy: Mapping[str, Any], instances: int) -> tuple[Step, ...]:
    size = _size("MaximumBatchSize", policy["MaximumBatchSize"], instances, _LEAST_PERCENT["ROLLING"])
    ends = [*range(size, instances, size), instances]
    return tuple(Step(on, policy["WaitIntervalInSeconds"], "WaitIntervalInSeconds") for on in ends)


def _size(member: str, given: Mapping[str, Any], instances: int, least: int) -> int:
    """Instances of a CapacitySize: at most half of all, so with a single instance there is no such step."""
    value = int(given["Value"])
    if given["Type"] == "CAPACITY_PERCENT":
        percent, count = float(value), max(1, math.floor(instances * value / 100))
    else:
        percent, count = 100 * value / instances, value
    if not least <= percent <= 50 or count > instances / 2:
        raise invalid(
            f"{member} must be between {least}% and 50% of the variant's total instance count, which is {instances}."
        )
    return count
