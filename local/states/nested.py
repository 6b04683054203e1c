"""What a task that waited for another execution gets: its description, PascalCase as in AWS."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from local.states.values import text_of, value_of

if TYPE_CHECKING:
    from local.states.execution import Execution


def result_of(child: "Execution", *, parsed: bool) -> dict[str, Any]:
    """`.sync` gives input and output as texts, `.sync:2` as JSON."""
    shown = _described(child)
    if parsed:
        for field in ("Input", "Output"):
            if field in shown:
                shown[field] = value_of(shown[field])
    return shown


def failure_of(child: "Execution") -> str:
    """The Cause of States.TaskFailed: the description as a JSON text."""
    return text_of(_described(child))


def _described(child: "Execution") -> dict[str, Any]:
    described = child.describe()
    return {name[0].upper() + name[1:]: _shown(value) for name, value in described.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: item for name, item in value.items()}
    return value
