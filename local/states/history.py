"""The history of one execution, in the form that GetExecutionHistory answers."""

from typing import Any

from local.clock import Clock
from local.protocol import REGION
from local.states.errors import RUNTIME, ExecutionFailure, StatesError
from local.states.resources import Resource

EVENT_LIMIT = 25_000

_TRUNCATED = {"truncated": False}


class History:
    """Events, numbered from 1. The last place is kept for the event that ends the execution."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, previous: int, details: dict[str, Any] | None = None, *, closing: bool = False) -> int:
        """The new event's number. ExecutionFailure when only the closing event still fits."""
        if len(self.events) >= EVENT_LIMIT - 1 and not closing:
            raise ExecutionFailure(
                RUNTIME, f"The execution reached the maximum number of history events ({EVENT_LIMIT})."
            )
        number = len(self.events) + 1
        event = {"timestamp": self._clock.datetime(), "type": kind, "id": number, "previousEventId": previous}
        if details is not None:
            event[_key(kind)] = details
        self.events.append(event)
        return number


def _key(kind: str) -> str:
    for suffix in ("StateEntered", "StateExited"):
        if kind.endswith(suffix):
            return f"{suffix[0].lower()}{suffix[1:]}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def with_input(text: str, **others: Any) -> dict[str, Any]:
    return {**others, "input": text, "inputDetails": dict(_TRUNCATED)}


def with_output(text: str, **others: Any) -> dict[str, Any]:
    return {**others, "output": text, "outputDetails": dict(_TRUNCATED)}


def with_failure(error: StatesError, **others: Any) -> dict[str, Any]:
    return failure(error.error, error.cause, **others)


def failure(error: str | None, cause: str | None, **others: Any) -> dict[str, Any]:
    given = {"error": error, "cause": cause}
    return {**others, **{key: value for key, value in given.items() if value}}


def exited(name: str, output: str, assigned: dict[str, str]) -> dict[str, Any]:
    details = with_output(output, name=name)
    if assigned:
        details |= {"assignedVariables": assigned, "assignedVariablesDetails": dict(_TRUNCATED)}
    return details


def task(resource: Resource) -> dict[str, Any]:
    return {"resourceType": resource.history_type, "resource": resource.history_resource}


def scheduled(resource: Resource, parameters: str, limit: float | None, heartbeat: float | None) -> dict[str, Any]:
    details = {**task(resource), "region": REGION, "parameters": parameters}
    return details | _seconds(limit, heartbeat)


def _seconds(limit: float | None, heartbeat: float | None) -> dict[str, int]:
    given = {"timeoutInSeconds": limit, "heartbeatInSeconds": heartbeat}
    return {key: int(value) for key, value in given.items() if value is not None}


def function_scheduled(resource: Resource, parameters: str, limit: float | None) -> dict[str, Any]:
    return with_input(parameters, resource=resource.arn) | _seconds(limit, None)


_DATA = ("input", "output", "parameters", "assignedVariables")
_DATA_DETAILS = ("inputDetails", "outputDetails", "assignedVariablesDetails")


def without_data(event: dict[str, Any]) -> dict[str, Any]:
    """The event without what the execution works on: includeExecutionData=false."""
    shown = dict(event)
    for key, details in event.items():
        if isinstance(details, dict):
            shown[key] = {name: value for name, value in details.items() if name not in _DATA + _DATA_DETAILS}
            if "parameters" in details:
                # The model wants the member; AWS leaves it empty.
                shown[key]["parameters"] = ""
    return shown
