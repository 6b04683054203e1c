"""MetricDataQueries: what GetMetricData and alarms with Metrics ask for, and the answers."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.cloudwatch.expressions import Expression, MathError, Scope, Series, Value, parse
from local.cloudwatch.search import Search, is_search, parse_search
from local.cloudwatch.store import Key, MetricStore, known_statistic
from local.protocol import AwsError, NotImplementedByEmbeddedAws

Query = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """One line of an answer."""

    id: str
    label: str
    series: Series


def key_of(metric: Mapping[str, Any]) -> Key:
    """The key of a Metric or MetricDatum."""
    dimensions = frozenset((item["Name"], item["Value"]) for item in metric.get("Dimensions", []))
    return Key(metric.get("Namespace", ""), metric["MetricName"], dimensions)


class Queries:
    """A validated list of queries. AwsError for what CloudWatch refuses."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = list(queries)
        ids = [query["Id"] for query in self._queries]
        if len(set(ids)) < len(ids):
            raise invalid("The values for parameter id in MetricDataQueries are not unique.")
        self._expressions: dict[str, Expression] = {}
        self._searches: dict[str, Search] = {}
        for query in self._queries:
            if ("MetricStat" in query) == ("Expression" in query):
                raise invalid(f"Query {query['Id']} needs either MetricStat or Expression.")
            if "MetricStat" in query:
                check_statistic(query["MetricStat"]["Stat"])
            elif is_search(query["Expression"]):
                self._searches[query["Id"]] = parse_search(query["Expression"])
            else:
                self._expressions[query["Id"]] = _parsed(query["Expression"])
        for name, expression in self._expressions.items():
            if unknown := expression.names - set(ids):
                raise invalid(f"Error in expression '{name}': undefined id {min(unknown)}")
        self._order = self._sorted()

    def _sorted(self) -> list[Query]:
        """Queries after those that they use."""
        ordered: list[Query] = []
        done: set[str] = set()
        waiting = list(self._queries)
        while waiting:
            ready = [query for query in waiting if self._uses(query) <= done]
            if not ready:
                raise invalid("Expressions refer to each other in a circle.")
            ordered += ready
            done |= {query["Id"] for query in ready}
            waiting = [query for query in waiting if query["Id"] not in done]
        return ordered

    def _uses(self, query: Query) -> frozenset[str]:
        expression = self._expressions.get(query["Id"])
        return expression.names if expression else frozenset()

    @property
    def period(self) -> int:
        """The longest period of any query."""
        periods = [query["MetricStat"]["Period"] for query in self._queries if "MetricStat" in query]
        return int(max([*periods, *(query["Period"] for query in self._queries if "Period" in query)], default=60))

    def run(self, store: MetricStore, start: float, end: float, *, aligned: bool) -> list[Found]:
        """All answers that are asked for (ReturnData). `aligned` begins periods at multiples of their length."""
        values: dict[str, Value] = {}
        answers: dict[str, list[Found]] = {}
        metrics = tuple(query["Id"] for query in self._queries if "MetricStat" in query)
        for query in self._order:
            name = query["Id"]
            if name in self._searches:
                answers[name] = self._search(query, store, start, end)
                values[name] = [found.series for found in answers[name]]
                continue
            if "MetricStat" in query:
                values[name] = _statistic(query["MetricStat"], store, start, end, aligned=aligned)
            else:
                scope = Scope(values, metrics, *_grid(start, end, float(query.get("Period", self.period)), aligned))
                values[name] = _evaluated(self._expressions[name], scope)
            answers[name] = _lines(query, values[name], start)
        wanted = [query["Id"] for query in self._queries if query.get("ReturnData", True)]
        return [found for name in wanted for found in answers[name]]

    def _search(self, query: Query, store: MetricStore, start: float, end: float) -> list[Found]:
        search = self._searches[query["Id"]]
        first = search.period * math.floor(start / search.period)
        lines = [
            Found(
                query["Id"],
                search.label(key, query.get("Label", "")),
                store.statistic(key, first, end, search.period, search.stat),
            )
            for key in store.keys()  # noqa: SIM118 - no mapping
            if search.matches(key)
        ]
        return [line for line in sorted(lines, key=lambda line: line.label) if line.series]


def _statistic(stat: Mapping[str, Any], store: MetricStore, start: float, end: float, *, aligned: bool) -> Series:
    period = stat["Period"]
    first = period * math.floor(start / period) if aligned else start
    return store.statistic(key_of(stat["Metric"]), first, end, period, stat["Stat"], stat.get("Unit"))


def _grid(start: float, end: float, period: float, aligned: bool) -> tuple[tuple[float, ...], float]:
    first = period * math.floor(start / period) if aligned else start
    return tuple(first + period * step for step in range(math.ceil((end - first) / period))), period


def _evaluated(expression: Expression, scope: Scope) -> Value:
    try:
        return expression.evaluate(scope)
    except MathError as error:
        raise invalid(str(error)) from error


def _lines(query: Query, value: Value, start: float) -> list[Found]:
    """A series is one line, an array one for each; a number stands at the start."""
    label = query.get("Label") or _label(query)
    if isinstance(value, dict):
        return [Found(query["Id"], label, value)]
    if isinstance(value, list):
        return [Found(query["Id"], f"{label} {place}", series) for place, series in enumerate(value, start=1)]
    return [Found(query["Id"], label, {} if math.isnan(value) else {start: value})]


def _label(query: Query) -> str:
    return str(query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"])


def _parsed(text: str) -> Expression:
    if text.lstrip().upper().startswith("SELECT"):
        raise NotImplementedByEmbeddedAws("CloudWatch Metrics Insights queries (SELECT ...)")
    try:
        return parse(text)
    except MathError as error:
        raise invalid(str(error)) from error


def check_statistic(stat: str) -> None:
    """Refuse what `store.compute` does not know: loudly, as some of it is known to AWS."""
    if not known_statistic(stat):
        raise NotImplementedByEmbeddedAws(f"the CloudWatch statistic {stat}")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
