"""Lines up the candidates' scores row by row, and refuses what must not be compared."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.core.errors import ComparisonRefused, ResultsUnusable
from fmops.evaluation.models import LOWER_IS_BETTER, Metric, Scores, Summary
from fmops.usecases.models import MetricRule

Floats = NDArray[np.float64]

# These belong to the candidate: to compare two templates is the point. All else must agree.
_OF_THE_CANDIDATE = frozenset(
    {"prompt_template", "decoding", "tokenizer", "chat_template", "system_prompt", "guardrail", "artifact", "candidate"}
)


class Evaluated(NamedTuple):
    """A candidate with the results of its evaluation job."""

    id: str
    kind: Literal["base", "fine_tuned"]
    model_id: str
    model_version: str
    is_champion: bool
    base: str | None
    """For a fine-tuned candidate: the candidate that is the same model untuned."""
    summary: Summary
    scores: list[Scores]


class Table(NamedTuple):
    """All scores: for each candidate and metric one value a row, the rows in one order. NaN where none was given."""

    rows: list[str]
    columns: dict[str, dict[str, Floats]]

    def column(self, candidate: str, metric: str) -> Floats:
        return self.columns[candidate][metric]


def line_up(candidates: list[Evaluated], metrics: Iterable[str]) -> Table:
    """The table of all candidates' scores.

    ResultsUnusable where a result has no rows or contradicts itself; ComparisonRefused where two results were made in
    different ways, or from different rows.
    """
    names = list(metrics)
    if not candidates:
        raise ResultsUnusable("no candidate was evaluated")
    for candidate in candidates:
        _check(candidate)
        _must_agree(candidates[0], candidate)
    rows = sorted(score.id for score in candidates[0].scores)
    position = {row: i for i, row in enumerate(rows)}
    return Table(rows, {candidate.id: _columns(candidate, names, position) for candidate in candidates})


def oriented(metric: str, values: Floats) -> Floats:
    """The values so that above is better: toxicity's are turned round."""
    return 1 - values if lower_is_better(metric) else values


def lower_is_better(metric: str) -> bool:
    return Metric(metric) in LOWER_IS_BETTER


def utilities(table: Table, candidate: str, rules: Iterable[MetricRule]) -> Floats:
    """Each row's weighted mean over the metrics that have a weight, between 0 and 1, above is better."""
    weighted = [rule for rule in rules if rule.weight]
    total = sum(rule.weight for rule in weighted)
    parts = [rule.weight / total * oriented(rule.name, table.column(candidate, rule.name)) for rule in weighted]
    whole: Floats = np.sum(parts, axis=0)
    return whole


def _check(candidate: Evaluated) -> None:
    ids = {score.id for score in candidate.scores}
    if not ids:
        raise ResultsUnusable(f"the evaluation of {candidate.id} has no scores")
    if len(ids) != len(candidate.scores):
        raise ResultsUnusable(f"the evaluation of {candidate.id} scores a row twice")
    if len(ids) != candidate.summary.rows:
        raise ResultsUnusable(
            f"the evaluation of {candidate.id} has {len(ids)} scores and says that it has {candidate.summary.rows}"
        )


def _must_agree(one: Evaluated, other: Evaluated) -> None:
    if {score.id for score in one.scores} != {score.id for score in other.scores}:
        raise ComparisonRefused(f"{one.id} and {other.id} were evaluated on different rows")
    names = (one.summary.fingerprints.keys() | other.summary.fingerprints.keys()) - _OF_THE_CANDIDATE
    for name in sorted(names):
        if one.summary.fingerprints.get(name) != other.summary.fingerprints.get(name):
            raise ComparisonRefused(f"{one.id} and {other.id} differ in {name}: their scores must not be compared")


def _columns(candidate: Evaluated, metrics: list[str], position: dict[str, int]) -> dict[str, Floats]:
    columns: dict[str, Floats] = {metric: np.full(len(position), np.nan) for metric in metrics}
    for score in candidate.scores:
        at = position[score.id]
        for metric in metrics:
            value = score.values.get(Metric(metric))
            if value is not None:
                columns[metric][at] = value
    for column in columns.values():
        # A scorer that writes an infinity has not scored.
        column[~np.isfinite(column)] = np.nan
    return columns
