"""JSONata as Step Functions evaluates it: `{% … %}` strings anywhere in a value."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import jsonata
from jsonata.utils import Utils

from local.states import functions
from local.states.errors import QUERY, StatesError

# Not AWS' limit, which is not documented: an expression that never ends must not stop all machines.
EVALUATION_SECONDS = 10.0

_local = threading.local()


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}")


def source_of(value: str) -> str:
    return value[2:-2].strip()


def _check_time(*_: Any) -> None:
    if time.monotonic() > _local.until:
        raise TimeoutError(f"evaluation took longer than {EVALUATION_SECONDS:.0f} seconds")


def _compiled(source: str) -> Any:
    """One compiled expression for each thread: the library keeps state in it."""
    cache: dict[str, Any] = _local.__dict__.setdefault("cache", {})
    if source not in cache:
        expression = jsonata.Jsonata(source)
        # Without this, a null in the result could not be told from undefined.
        expression.set_output_convert_nulls(False)
        expression.environment.set_evaluate_entry_callback(_check_time)
        for name, function in functions.ADDED.items():
            expression.register_lambda(name, function)
        cache[source] = expression
    return cache[source]


def _plain(value: Any) -> Any:
    """JSON of Python out of what the library returns."""
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(item) for item in value]
    raise TypeError("the expression returned a function")


class Query:
    """Evaluates the fields of one state, with one set of variables."""

    def __init__(self, state: str, variables: Mapping[str, Any], now: float) -> None:
        """`now` is the embedded time in epoch seconds, for $now() and $millis()."""
        self._state = state
        self._variables = {name: Utils.NULL_VALUE if value is None else value for name, value in variables.items()}
        self._milliseconds = int(now * 1000)

    def value(self, template: Any, field: str) -> Any:
        """The template with every expression in it replaced by its result. StatesError names the field."""
        if is_expression(template):
            return self._evaluate(source_of(template), field)
        if isinstance(template, dict):
            return {key: self.value(item, f"{field}/{key}") for key, item in template.items()}
        if isinstance(template, list):
            return [self.value(item, f"{field}/{i}") for i, item in enumerate(template)]
        return template

    def _evaluate(self, source: str, field: str) -> Any:
        try:
            expression = _compiled(source)
            _local.until = time.monotonic() + EVALUATION_SECONDS
            functions.moment.milliseconds = self._milliseconds
            # The library's higher-order functions look here for who calls them.
            jsonata.Jsonata.CURRENT.jsonata = expression
            result = expression.evaluate(None, self._variables)
            if result is not None:
                return _plain(result)
        except Exception as problem:  # the library raises its own errors and Python's alike
            raise self.failure(source, field, f"threw an error during evaluation. {problem}") from problem
        raise self.failure(source, field, "returned nothing (undefined).")

    def failure(self, source: str, field: str, why: str) -> StatesError:
        cause = f"The JSONata expression '{source}' specified for the field '{field}' {why}"
        return StatesError(QUERY, cause, location=field)
