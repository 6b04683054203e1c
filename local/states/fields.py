"""Which fields each part of a definition may have, and checks of single values."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from local.states import lint
from local.states.errors import InvalidDefinition
from local.states.query import is_expression, source_of
from local.states.values import is_integer, is_number

MAX_SECONDS = 99_999_999

_COMMON = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW = _COMMON | {"Next", "End", "Output", "Assign"}
_TRY = _FLOW | {"Retry", "Catch"}
STATE: dict[str, frozenset[str]] = {
    "Task": _TRY | {"Arguments", "Resource", "TimeoutSeconds", "HeartbeatSeconds"},
    "Parallel": _TRY | {"Arguments", "Branches"},
    "Map": _TRY
    | {
        "Items",
        "ItemReader",
        "ItemSelector",
        "ItemBatcher",
        "ItemProcessor",
        "ResultWriter",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "ToleratedFailureCount",
        "Label",
    },
    "Pass": _FLOW,
    "Wait": _FLOW | {"Seconds", "Timestamp"},
    "Choice": _COMMON | {"Choices", "Default", "Output", "Assign"},
    "Succeed": _COMMON | {"Output"},
    "Fail": _COMMON | {"Error", "Cause"},
}
MACHINE = frozenset({"StartAt", "States", "Comment", "QueryLanguage", "TimeoutSeconds", "Version"})
BRANCH = frozenset({"StartAt", "States", "Comment", "QueryLanguage"})
PROCESSOR = BRANCH | {"ProcessorConfig"}
RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
CATCHER = frozenset({"ErrorEquals", "Next", "Output", "Assign", "Comment"})
CHOICE_RULE = frozenset({"Condition", "Next", "Output", "Assign", "Comment"})
DISTRIBUTED_ONLY = frozenset(
    {"ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailurePercentage", "ToleratedFailureCount", "Label"}
)
JSONPATH = frozenset(
    {
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "ResultSelector",
        "Result",
        "ItemsPath",
        "SecondsPath",
        "TimestampPath",
        "TimeoutSecondsPath",
        "HeartbeatSecondsPath",
        "MaxConcurrencyPath",
        "ErrorPath",
        "CausePath",
        "Variable",
        "Iterator",
    }
)

_VARIABLE_LIMIT = 80
_PATTERN_OF_NAME = re.compile(r"[\w .\-]{1,40}$")


def only(value: Any, allowed: Collection[str], where: str) -> Mapping[str, Any]:
    """The object itself. InvalidDefinition if it is none, or has other fields than the allowed ones."""
    if not isinstance(value, dict):
        raise InvalidDefinition(where, "must be an object")
    if unknown := sorted(set(value) - set(allowed)):
        if leftover := [name for name in unknown if name in JSONPATH or name.endswith(".$")]:
            raise InvalidDefinition(where, f"{leftover} belong to JSONPath, which is not supported here")
        raise InvalidDefinition(where, f"unknown fields {unknown}")
    return value


def required(value: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in value:
        raise InvalidDefinition(where, f"{name} is missing")
    return value[name]


def query(value: Any, where: str, allowed: frozenset[str] = frozenset()) -> None:
    """Refuse expressions that cannot work in this field. `allowed`: further members of $states."""
    if isinstance(value, str):
        if value.startswith("{%") and not is_expression(value):
            raise InvalidDefinition(where, "the expression begins with {% but does not end with %}")
        if is_expression(value) and (problem := lint.checked(source_of(value), allowed)):
            raise InvalidDefinition(where, f"{problem} in the expression {source_of(value)!r}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key.endswith(".$"):
                raise InvalidDefinition(f"{where}/{key}", "keys that end with .$ belong to JSONPath")
            query(item, f"{where}/{key}", allowed)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            query(item, f"{where}/{i}", allowed)


def assign(value: Any, where: str, allowed: frozenset[str] = frozenset()) -> None:
    if not isinstance(value, dict):
        raise InvalidDefinition(where, "must be an object")
    for name in value:
        if not name.isidentifier() or len(name) > _VARIABLE_LIMIT:
            raise InvalidDefinition(f"{where}/{name}", "is no name of a variable")
        if name == "states":
            raise InvalidDefinition(f"{where}/{name}", "the variable 'states' is reserved")
    query(value, where, allowed)


def integer(value: Any, where: str, least: int = 0, most: int | None = MAX_SECONDS) -> None:
    """An integer within bounds, or an expression."""
    if is_expression(value):
        query(value, where)
    elif not is_integer(value) or value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most}"
        raise InvalidDefinition(where, f"must be an integer of at least {least}{upper}")


def constant_integer(value: Any, where: str, least: int = 0, most: int = MAX_SECONDS) -> None:
    if is_expression(value):
        raise InvalidDefinition(where, "does not accept JSONata")
    integer(value, where, least, most)


def number(value: Any, where: str, least: float, most: float) -> None:
    if is_expression(value):
        query(value, where)
    elif not is_number(value) or not least <= value <= most:
        raise InvalidDefinition(where, f"must be a number from {least} to {most}")


def string(value: Any, where: str) -> None:
    if not isinstance(value, str):
        raise InvalidDefinition(where, "must be a string")
    query(value, where)


def one_of(value: Any, choices: Collection[str], where: str) -> None:
    if value not in choices:
        raise InvalidDefinition(where, f"must be one of {', '.join(sorted(choices))}")


def label(value: Any, where: str) -> None:
    if not isinstance(value, str) or not _PATTERN_OF_NAME.match(value):
        raise InvalidDefinition(where, "must be a name of at most 40 characters")
