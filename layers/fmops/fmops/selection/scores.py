"""Lines up the candidates' scores row by row, and refuses what must not be compared."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.core.errors import ComparisonRefused, ResultsUnusable
from fmops.evaluation.models import Metric, Scores, Summary
from fmops.evaluation.reviews.models import PairResult, win_rate
from fmops.statistics.weights import Groups
from fmops.usecases.metrics import COST, HUMAN, LATENCY, METRICS
from fmops.usecases.models import MetricRule

Floats = NDArray[np.float64]

# These belong to the candidate: to compare two templates is the point. All else must agree.
_OF_THE_CANDIDATE = frozenset(
    {"prompt_template", "decoding", "tokenizer", "chat_template", "system_prompt", "guardrail", "artifact", "candidate"}
)
# A fine-tuned candidate differs from its base in the weights; nothing else may pass for an effect of the tuning.
_KEPT_BY_TUNING = ("tokenizer", "chat_template")


class Judged(NamedTuple):
    """What a judge of the answers was asked, and whether it is believed."""

    reference: str | None
    """The candidate that its verdicts compare all others with; None where it grades each answer alone."""
    rows: int
    """How many rows it was to judge."""
    max_failed: float
    """The largest share of them without a verdict with which the rest still counts."""
    why_not: str = ""
    """Why it is not used; empty where it is."""


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
    latencies: Mapping[str, float] | None = None
    """Milliseconds by row; None where they were not measured."""
    cost_usd_per_1000: float | None = None
    """Of 1,000 answers; None where no price is known."""
    planned: Mapping[str, str] | None = None
    """The fingerprints that its results must have, as the run's plan has them."""
    review: PairResult | None = None
    """What people say of it; None where they were not asked."""


class Table(NamedTuple):
    """All scores: for each candidate and metric one value a row, the rows in one order. NaN where none was given."""

    rows: list[str]
    columns: dict[str, dict[str, Floats]]
    groups: Groups | None = None
    """The number of each row's group."""
    judged: "Judged | None" = None

    def expected(self, metric: str) -> int:
        """How many rows should have a score."""
        return self.judged.rows if self.judged and METRICS[metric].judge else len(self.rows)

    yardsticks: frozenset[str] = frozenset()
    """Whom people compared others with: against themselves they tie."""

    def column(self, candidate: str, metric: str) -> Floats:
        return self.columns[candidate][metric]

    def weighed(self, candidate: str, metric: str) -> Floats:
        """The column as a weighted score takes it: a yardstick is worth one half on the rows that people judged."""
        if metric != HUMAN or candidate not in self.yardsticks:
            return self.column(candidate, metric)
        judged = np.any([np.isfinite(columns[metric]) for columns in self.columns.values()], axis=0)
        return np.where(judged, 0.5, np.nan)


def line_up(
    candidates: list[Evaluated],
    metrics: Iterable[str],
    groups: Mapping[str, str] | None = None,
    judged: Judged | None = None,
) -> Table:
    """The table of all candidates' scores; `groups` names the group of rows by their ids.

    ResultsUnusable where a result has no rows or contradicts itself; ComparisonRefused where two results were made in
    different ways, from different rows, or otherwise than the plan says.
    """
    names = list(metrics)
    if not candidates:
        raise ResultsUnusable("no candidate was evaluated")
    by_id = {candidate.id: candidate for candidate in candidates}
    for candidate in candidates:
        _check(candidate)
        _must_be_as_planned(candidate)
        _must_agree(candidates[0], candidate)
        if candidate.base in by_id:
            _must_share(by_id[candidate.base], candidate)
    rows = sorted(score.id for score in candidates[0].scores)
    columns = {candidate.id: _columns(candidate, names, rows) for candidate in candidates}
    reviewed = {candidate.id: candidate.review for candidate in candidates if candidate.review}
    yardsticks = frozenset(review.pair.rival for review in reviewed.values()) - reviewed.keys()
    return Table(rows, columns, _numbered(rows, groups) if groups else None, judged, yardsticks)


def oriented(rule: MetricRule, values: Floats) -> Floats:
    """The values so that above is better: toxicity's are turned round; latency and cost are worth 0 at their limit."""
    if METRICS[rule.name].measured:
        return 1 - np.clip(values / (rule.limit or 1), 0, 1)
    return 1 - values if lower_is_better(rule.name) else values


def lower_is_better(metric: str) -> bool:
    return not METRICS[metric].higher_is_better


def utilities(table: Table, candidate: str, rules: Iterable[MetricRule]) -> Floats:
    """Each row's weighted mean over the metrics that have a weight, between 0 and 1, above is better."""
    weighted = [rule for rule in rules if rule.weight]
    if not weighted:
        return np.full(len(table.rows), np.nan)
    total = sum(rule.weight for rule in weighted)
    parts = [rule.weight / total * oriented(rule, table.weighed(candidate, rule.name)) for rule in weighted]
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


def _must_be_as_planned(candidate: Evaluated) -> None:
    found = candidate.summary.fingerprints
    for name, planned in sorted((candidate.planned or {}).items()):
        if found.get(name) != planned:
            raise ComparisonRefused(
                f"the results of {candidate.id} were made with another {name} than the run asks for: "
                f"{found.get(name, 'none is named')}, not {planned}"
            )


def _must_agree(one: Evaluated, other: Evaluated) -> None:
    if {score.id for score in one.scores} != {score.id for score in other.scores}:
        raise ComparisonRefused(f"{one.id} and {other.id} were evaluated on different rows")
    _must_share(one, other, (one.summary.fingerprints.keys() | other.summary.fingerprints.keys()) - _OF_THE_CANDIDATE)


def _must_share(one: Evaluated, other: Evaluated, names: Iterable[str] = _KEPT_BY_TUNING) -> None:
    for name in sorted(names):
        if one.summary.fingerprints.get(name) != other.summary.fingerprints.get(name):
            raise ComparisonRefused(f"{one.id} and {other.id} differ in {name}: their scores must not be compared")


def _columns(candidate: Evaluated, metrics: list[str], rows: list[str]) -> dict[str, Floats]:
    by_row = {score.id: score.values for score in candidate.scores}
    columns = {metric: _column(candidate, metric, by_row, rows) for metric in metrics}
    for column in columns.values():
        # A scorer that writes an infinity has not scored.
        column[~np.isfinite(column)] = np.nan
    return columns


def _column(
    candidate: Evaluated, metric: str, by_row: Mapping[str, Mapping[Metric, float | None]], rows: list[str]
) -> Floats:
    """One value a row. What is not known is NaN, never 0."""
    if metric == COST:
        return np.full(len(rows), candidate.cost_usd_per_1000, dtype=np.float64)
    if metric == LATENCY:
        measured = candidate.latencies or {}
        return np.array([measured.get(row, np.nan) for row in rows], dtype=np.float64)
    if metric == HUMAN:
        said = candidate.review.scores if candidate.review else {}
        return np.array([win_rate(said[row]) if row in said else np.nan for row in rows], dtype=np.float64)
    # None becomes NaN.
    return np.array([by_row[row].get(Metric(metric)) for row in rows], dtype=np.float64)


def _numbered(rows: list[str], groups: Mapping[str, str]) -> Groups:
    """A number for each row's group; a row without one is a group for itself."""
    numbers: dict[tuple[bool, str], int] = {}
    return np.array([numbers.setdefault((row in groups, groups.get(row, row)), len(numbers)) for row in rows])
