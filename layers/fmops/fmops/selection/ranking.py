"""Orders candidates by the use case's priorities, and says how sure that order is."""

from collections.abc import Mapping

import numpy as np

from fmops.selection.models import CandidateResult
from fmops.selection.scores import Table, oriented, utilities
from fmops.statistics.bootstrap import SEED
from fmops.statistics.weights import resample
from fmops.usecases.metrics import METRICS, Dimension
from fmops.usecases.models import MetricRule

_RESAMPLES = 4000
# Of single-precision sums, two that differ by less are equal.
_EQUAL = 1e-6


def rank(results: list[CandidateResult]) -> list[CandidateResult]:
    """Best first: those that keep the hard limits before those that surely do not, each by utility.

    Of two equal ones the untuned is the simpler; candidates without a utility come last, unranked.
    """
    ordered = sorted(
        results,
        key=lambda r: (
            r.utility is None,
            bool(r.breaks),
            -(r.utility or 0),
            not r.is_champion,
            r.kind == "fine_tuned",
            r.id,
        ),
    )
    return [
        result.model_copy(update={"rank": place if result.utility is not None else None})
        for place, result in enumerate(ordered, start=1)
    ]


def dimensions(table: Table, candidate: str, rules: list[MetricRule]) -> dict[Dimension, float | None]:
    """The candidate's mean in each dimension that a rule names, by the rules' weights; None is unknown.

    Rules that only guard count, equally, where none of their dimension has a weight.
    """
    found: dict[Dimension, float | None] = {}
    for dimension in dict.fromkeys(METRICS[rule.name].dimension for rule in rules):
        of_it = [rule for rule in rules if METRICS[rule.name].dimension == dimension]
        weighted = [rule for rule in of_it if rule.weight]
        weights = [rule.weight for rule in weighted] or [1.0] * len(of_it)
        means = [_mean(table, candidate, rule) for rule in weighted or of_it]
        known = [(weight, mean) for weight, mean in zip(weights, means, strict=True) if mean is not None]
        found[dimension] = sum(w * m for w, m in known) / sum(weights) if len(known) == len(means) else None
    return found


def front(points: Mapping[str, Mapping[Dimension, float | None]]) -> set[str]:
    """Who is beaten by nobody in all that counts (Pareto).

    Where a dimension of two candidates is unknown for one of them, neither is known to beat the other.
    """
    return {one for one in points if not any(_dominates(points[other], points[one]) for other in points)}


def comes_first(table: Table, rules: list[MetricRule]) -> dict[str, float]:
    """In what share of resamples of the rows each candidate has the highest utility; equal ones share.

    Only rows that all of them have count; a candidate without any has no share.
    """
    columns = {candidate: utilities(table, candidate, rules) for candidate in table.columns}
    scored = {candidate: column for candidate, column in columns.items() if np.isfinite(column).any()}
    if not scored:
        return {}
    matrix = np.column_stack(list(scored.values()))
    common = np.isfinite(matrix).all(axis=1)
    if not common.any():
        return {}
    groups = table.groups[common] if table.groups is not None else None
    drawn = resample(matrix[common], groups, resamples=_RESAMPLES, seed=SEED)
    means = drawn.means + drawn.deviations
    best = means >= means.max(axis=1, keepdims=True) - _EQUAL
    shares = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return dict(zip(scored, shares.tolist(), strict=True))


def _mean(table: Table, candidate: str, rule: MetricRule) -> float | None:
    values = oriented(rule, table.weighed(candidate, rule.name))
    present = values[np.isfinite(values)]
    return float(present.mean()) if len(present) else None


def _dominates(one: Mapping[Dimension, float | None], other: Mapping[Dimension, float | None]) -> bool:
    better = False
    for dimension, theirs in other.items():
        ours = one[dimension]
        if ours is None or theirs is None:
            return False
        if ours < theirs:
            return False
        better = better or ours > theirs
    return better
