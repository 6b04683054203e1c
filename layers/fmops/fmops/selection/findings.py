"""How sure every number of a comparison is, and how sure it must be where the best of several was picked."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from fmops.selection.models import Difference, MetricResult
from fmops.selection.scores import Floats, Table, oriented, utilities
from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import TAIL, Estimate, Known, detectable
from fmops.statistics.multiplicity import shared_tail
from fmops.statistics.quantile import Quantile
from fmops.statistics.weights import Groups, Singles
from fmops.usecases.metrics import COST, HUMAN, LATENCY, METRICS, WIN_RATE
from fmops.usecases.models import MetricRule

UTILITY = ""
"""Stands for the weighted whole where metrics are named."""
_P95 = 0.95


class Finding(NamedTuple):
    """A number, how sure it is, and at what tail claims about it are made."""

    estimate: Estimate | None
    """None where too few rows have the score to say anything."""
    n: int
    units: int
    """Of these rows, how many are independent of each other: groups, where there are groups."""
    tail: float = TAIL

    def difference(self) -> Difference:
        found = self.estimate
        if found is None:
            return Difference(value=None, low=None, high=None, n=self.n)
        low, high = found.low(self.tail), found.high(self.tail)
        return Difference(
            value=found.value,
            low=low,
            high=high,
            n=self.n,
            confidence=1 - 2 * self.tail,
            detectable=detectable(low, high, self.tail),
            method=found.method,
        )

    def metric_result(self, mean: float | None, rows: int) -> MetricResult:
        """At the report's confidence. `mean` is what is told where there is no interval."""
        found = self.estimate
        if found is None:
            return MetricResult(value=mean, low=None, high=None, n=self.n, missing=rows - self.n)
        return MetricResult(
            value=found.value,
            low=_finite(found.low(TAIL)),
            high=_finite(found.high(TAIL)),
            n=self.n,
            missing=rows - self.n,
            method=found.method,
        )


class Findings(NamedTuple):
    """By candidate and metric. Above is better in differences, whatever the metric."""

    levels: dict[str, dict[str, Finding]]
    differences: dict[str, dict[str, Finding]]
    """Of each challenger against what it must beat; the weighted whole under UTILITY."""


def find(table: Table, challengers: Iterable[str], rivals: Mapping[str, str], rules: list[MetricRule]) -> Findings:
    """All numbers. `rivals` names what a challenger must beat.

    Who is judged is chosen by the same rows that judge it, and the best of ten looks better than it is. So a claim
    about any challenger is made at a tail that allows for picking the best of all (max-T over the candidates).
    """
    levels = {
        (candidate, rule.name): _level(rule, table.column(candidate, rule.name))
        for candidate in table.columns
        for rule in rules
    }
    differences = {
        (candidate, metric): column
        for candidate, rival in rivals.items()
        for metric, column in _differences(table, candidate, rival, rules).items()
    }
    known = {key: estimate for key in levels if (estimate := _other_than_a_mean(table, *key))}
    priced = {key: _known(column.values) for key, column in differences.items() if key[1] == COST}
    return Findings(
        _findings(levels, table.groups, set(challengers), known),
        _findings(differences, table.groups, set(rivals), priced),
    )


def _level(rule: MetricRule, values: Floats) -> Column:
    measured = METRICS[rule.name].measured
    return Column(oriented(rule, values) if measured else values, 0, 1, _is_rare(rule), rule.name == WIN_RATE)


def _differences(table: Table, candidate: str, rival: str, rules: list[MetricRule]) -> dict[str, Column]:
    found = {}
    for rule in rules:
        if rule.name == HUMAN:
            # How often people prefer it less how often they prefer the other: what they were asked is a difference.
            found[rule.name] = Column(2 * table.column(candidate, rule.name) - 1, -1, 1)
            continue
        ours, theirs = (oriented(rule, table.column(name, rule.name)) for name in (candidate, rival))
        found[rule.name] = Column(ours - theirs, -1, 1, _is_rare(rule), rule.name == WIN_RATE)
    whole = utilities(table, candidate, rules) - utilities(table, rival, rules)
    return found | {UTILITY: Column(whole, -1, 1, any(_is_rare(rule) for rule in rules if rule.weight))}


def _is_rare(rule: MetricRule) -> bool:
    return METRICS[rule.name].dimension == "toxicity"


def _other_than_a_mean(table: Table, candidate: str, metric: str) -> Estimate | None:
    """What is told of latency and cost instead of a mean; and beside itself a candidate ties, whatever the rows."""
    values = table.column(candidate, metric)
    present = values[np.isfinite(values)]
    if metric == WIN_RATE and table.judged and table.judged.reference == candidate and len(present):
        return Known(0.5)
    if metric == LATENCY and len(present):
        return Quantile(present, _P95)
    return _known(values) if metric == COST else None


def _known(values: Floats) -> Estimate | None:
    return Known(float(values[0])) if len(values) and np.isfinite(values[0]) else None


class _Sure(NamedTuple):
    estimate: Estimate | None
    deviations: Singles | None
    rows: bytes
    """Which rows have the score: only means over the same rows vary together."""
    n: int
    units: int


_Columns = dict[tuple[str, str], Column]


def _findings(
    columns: _Columns, groups: Groups | None, family: set[str], known: Mapping[tuple[str, str], Estimate | None]
) -> dict[str, dict[str, Finding]]:
    sure = _sure(columns, groups)
    tails = {
        metric: _tail(metric, [sure[name, metric] for name in sorted(family)]) if family else TAIL
        for metric in {metric for _, metric in columns}
    }
    found: dict[str, dict[str, Finding]] = {}
    for (candidate, metric), one in sure.items():
        estimate = known.get((candidate, metric)) or one.estimate
        tail = tails[metric] if candidate in family else TAIL
        found.setdefault(candidate, {})[metric] = Finding(estimate, one.n, one.units, tail)
    return found


def _sure(columns: _Columns, groups: Groups | None) -> dict[tuple[str, str], _Sure]:
    """Each column over the rows that have a value; those that lack the same rows share one bootstrap."""
    alike: dict[bytes, _Columns] = {}
    for key, column in columns.items():
        alike.setdefault(np.isfinite(column.values).tobytes(), {})[key] = column
    sure: dict[tuple[str, str], _Sure] = {}
    for rows, members in alike.items():
        present = np.frombuffer(rows, dtype=np.bool_)
        n = int(present.sum())
        if not n:
            sure |= dict.fromkeys(members, _Sure(None, None, rows, 0, 0))
            continue
        kept = {key: column._replace(values=column.values[present]) for key, column in members.items()}
        drawn = estimates(kept, groups[present] if groups is not None else None)
        sure |= {key: _Sure(drawn.estimates[key], drawn.deviations[key], rows, n, drawn.units) for key in members}
    return sure


def _tail(metric: str, family: list[_Sure]) -> float:
    deviations = [one.deviations for one in family if one.deviations is not None]
    if metric != LATENCY and len(deviations) == len(family) and len({one.rows for one in family}) == 1:
        return shared_tail(np.column_stack(deviations), TAIL)
    # How they vary together is not known; Bonferroni needs no such thing.
    return TAIL / len(family)


def _finite(bound: float) -> float | None:
    return bound if np.isfinite(bound) else None
