"""Metric math: arithmetic over time series, as alarms and GetMetricData use it."""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from local.protocol import NotImplementedByEmbeddedAws

Series = dict[float, float]
Value = float | Series | list[Series]
Binary = Callable[[float, float], float | None]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<op>\|\||&&|<=|>=|==|!=|[-+*/^<>(),]))"
)


class MathError(ValueError):
    """An expression that CloudWatch refuses."""


def _quotient(a: float, b: float) -> float | None:
    return a / b if b else None


def _power(a: float, b: float) -> float | None:
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return None
    return result if isinstance(result, float | int) else None


_LEVELS: Final[tuple[dict[str, Binary], ...]] = (
    {"||": lambda a, b: float(bool(a or b))},
    {"&&": lambda a, b: float(bool(a and b))},
    {
        "<": lambda a, b: float(a < b),
        "<=": lambda a, b: float(a <= b),
        ">": lambda a, b: float(a > b),
        ">=": lambda a, b: float(a >= b),
        "==": lambda a, b: float(a == b),
        "!=": lambda a, b: float(a != b),
    },
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": _quotient},
    {"^": _power},
)


class Scope(NamedTuple):
    """What names mean: the other queries' results, which of them are metrics, and the grid of periods."""

    results: Mapping[str, Value]
    metrics: tuple[str, ...]
    starts: tuple[float, ...]
    """The beginnings of all periods that are looked at, for FILL."""
    period: float


Node = Callable[[Scope], Value]


@dataclass(frozen=True)
class Expression:
    """A parsed expression."""

    names: frozenset[str]
    """The ids that it uses."""
    evaluate: Node


def parse(text: str) -> Expression:
    """Parse. MathError for bad syntax, NotImplementedByEmbeddedAws for functions that are not embedded."""
    parser = _Parser(text)
    node = parser.level(0)
    parser.end()
    return Expression(frozenset(parser.names), node)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._place = 0
        self.names: set[str] = set()

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        place = 0
        text = text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise MathError(f"Error in expression '{text}' at position {place}")
            yield found.lastgroup, found[found.lastgroup]
            place = found.end()

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> tuple[str, str]:
        if self._place == len(self._tokens) or wanted not in (None, self._peek()):
            raise MathError(f"Error in expression '{self._text}': {wanted or 'a value'} is missing")
        self._place += 1
        return self._tokens[self._place - 1]

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise MathError(f"Error in expression '{self._text}': {self._peek()} is not expected")

    def level(self, depth: int) -> Node:
        if depth == len(_LEVELS):
            return self._unary()
        left = self.level(depth + 1)
        while self._peek() in _LEVELS[depth]:
            left = _combined(_LEVELS[depth][self._take()[1]], left, self.level(depth + 1))
        return left

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._take()
            return _combined(lambda a, b: a - b, lambda _: 0.0, self._unary())
        return self._value()

    def _value(self) -> Node:
        kind, token = self._take()
        if kind == "number":
            number = float(token)
            return lambda _: number
        if token == "(":  # noqa: S105 - a parenthesis
            inner = self.level(0)
            self._take(")")
            return inner
        if kind == "name" and self._peek() == "(":
            return self._call(token)
        if kind == "name" and token[0].islower():
            self.names.add(token)
            return lambda scope: scope.results[token]
        raise MathError(f"Error in expression '{self._text}': {token} is not expected")

    def _call(self, name: str) -> Node:
        self._take("(")
        if name == "METRICS":
            return self._metrics()
        arguments: list[Node] = []
        if name == "FILL":
            arguments.append(self.level(0))
            self._take(",")
            if self._peek() in ("REPEAT", "LINEAR"):
                way = self._take()[1]
                self._take(")")
                return _filled_from_neighbours(arguments[0], way)
        while self._peek() != ")":
            arguments.append(self.level(0))
            if self._peek() != ")":
                self._take(",")
        self._take(")")
        if name not in _FUNCTIONS:
            raise NotImplementedByEmbeddedAws(f"the metric math function {name}")
        count, function = _FUNCTIONS[name]
        if count is not None and len(arguments) != count:
            raise MathError(f"{name} takes {count} arguments, not {len(arguments)}")
        return lambda scope: function(scope, [argument(scope) for argument in arguments])

    def _metrics(self) -> Node:
        part = self._take()[1][1:-1] if self._peek() != ")" else ""
        self._take(")")

        def node(scope: Scope) -> Value:
            found = [scope.results[name] for name in scope.metrics if part in name]
            return [series for series in found if isinstance(series, dict)]

        return node


def _combined(operator: Binary, left: Node, right: Node) -> Node:
    return lambda scope: _apply(operator, left(scope), right(scope))


def _apply(operator: Binary, left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        count = len(left) if isinstance(left, list) else len(right) if isinstance(right, list) else 0
        lefts: list[float | Series] = list(left) if isinstance(left, list) else [left] * count
        rights: list[float | Series] = list(right) if isinstance(right, list) else [right] * count
        if len(lefts) != len(rights):
            raise MathError("arrays of different lengths cannot be combined")
        pairs = (_apply(operator, a, b) for a, b in zip(lefts, rights, strict=True))
        return [series for series in pairs if isinstance(series, dict)]
    if isinstance(left, dict):
        results = {
            at: operator(value, right[at] if isinstance(right, dict) else right)
            for at, value in left.items()
            if not isinstance(right, dict) or at in right
        }
        return {at: value for at, value in results.items() if value is not None}
    if isinstance(right, dict):
        results = {at: operator(left, value) for at, value in right.items()}
        return {at: value for at, value in results.items() if value is not None}
    result = operator(left, right)
    return math.nan if result is None else result


def _mapped(function: Callable[[float], float]) -> Callable[[Scope, list[Value]], Value]:
    return lambda _, arguments: _apply(lambda a, _b: function(a), arguments[0], 0.0)


def _reduced(function: Callable[[list[float]], float]) -> Callable[[Scope, list[Value]], Value]:
    """Of one series a number; of an array, or of several, a series over their common grid."""

    def reduce(_: Scope, arguments: list[Value]) -> Value:
        series = [value for value in arguments if isinstance(value, dict)]
        if len(arguments) > 1 and len(series) < len(arguments):
            raise MathError("numbers and arrays cannot be reduced together with time series")
        first = arguments[0] if len(arguments) == 1 else series
        if isinstance(first, dict):
            return function(list(first.values())) if first else math.nan
        if isinstance(first, list):
            times = sorted({at for series in first for at in series})
            return {at: function([series[at] for series in first if at in series]) for at in times}
        return first

    return reduce


def _fill(scope: Scope, arguments: list[Value]) -> Value:
    value, filler = arguments
    if isinstance(value, list):
        return [series for series in (_fill(scope, [each, filler]) for each in value) if isinstance(series, dict)]
    if not isinstance(value, dict):
        raise MathError("FILL needs a time series")
    fillers = filler if isinstance(filler, dict) else {}
    filled: Series = {}
    for at in scope.starts:
        candidate = value.get(at, fillers.get(at) if isinstance(filler, dict) else filler)
        if isinstance(candidate, float | int):
            filled[at] = candidate
    return filled


def _filled_from_neighbours(node: Node, way: str) -> Node:
    def filled(scope: Scope) -> Value:
        value = node(scope)
        if not isinstance(value, dict):
            raise MathError("FILL needs a time series")
        known = sorted(value)
        result: Series = {}
        for at in scope.starts:
            before = max((moment for moment in known if moment <= at), default=None)
            after = min((moment for moment in known if moment >= at), default=None)
            if before is None or (way == "LINEAR" and after is None):
                continue
            if way == "REPEAT" or after is None or after == before:
                result[at] = value[before]
            else:
                result[at] = value[before] + (value[after] - value[before]) * (at - before) / (after - before)
        return result

    return filled


def _if(_: Scope, arguments: list[Value]) -> Value:
    condition, then, otherwise = arguments
    if not isinstance(condition, dict):
        return then if condition else otherwise
    chosen = {at: then if value else otherwise for at, value in condition.items()}
    values = {at: value.get(at) if isinstance(value, dict) else value for at, value in chosen.items()}
    return {at: value for at, value in values.items() if isinstance(value, float | int)}


def _differences(per_second: bool) -> Callable[[Scope, list[Value]], Value]:
    def differences(_: Scope, arguments: list[Value]) -> Value:
        series = arguments[0]
        if not isinstance(series, dict):
            raise MathError("DIFF and RATE need a time series")
        times = sorted(series)
        pairs = itertools.pairwise(times)
        return {b: (series[b] - series[a]) / ((b - a) if per_second else 1) for a, b in pairs}

    return differences


def _running_sum(_: Scope, arguments: list[Value]) -> Value:
    series = arguments[0]
    if not isinstance(series, dict):
        raise MathError("RUNNING_SUM needs a time series")
    total, result = 0.0, {}
    for at in sorted(series):
        total += series[at]
        result[at] = total
    return result


def _time_series(scope: Scope, arguments: list[Value]) -> Value:
    number = arguments[0]
    if isinstance(number, dict | list):
        raise MathError("TIME_SERIES needs a number")
    return dict.fromkeys(scope.starts, number)


_FUNCTIONS: Final[dict[str, tuple[int | None, Callable[[Scope, list[Value]], Value]]]] = {
    "ABS": (1, _mapped(abs)),
    "CEIL": (1, _mapped(lambda value: float(math.ceil(value)))),
    "FLOOR": (1, _mapped(lambda value: float(math.floor(value)))),
    "AVG": (None, _reduced(lambda values: math.fsum(values) / len(values))),
    "SUM": (None, _reduced(math.fsum)),
    "MAX": (None, _reduced(max)),
    "MIN": (None, _reduced(min)),
    "FILL": (2, _fill),
    "IF": (3, _if),
    "DIFF": (1, _differences(per_second=False)),
    "RATE": (1, _differences(per_second=True)),
    "RUNNING_SUM": (1, _running_sum),
    "PERIOD": (1, lambda scope, _: scope.period),
    "TIME_SERIES": (1, _time_series),
}
