"""Finds what a report shows beside its numbers: by category, and the rows on which two candidates differ most."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fmops.evaluation.models import Answer, DatasetRow
from fmops.selection.details import CategoryScore, Details, Example, Said, Span
from fmops.selection.models import Report
from fmops.selection.scores import Evaluated, Floats, Table, line_up, utilities
from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import TAIL
from fmops.text.pii import mask
from fmops.usecases.metrics import METRICS
from fmops.usecases.models import MetricRule

EXAMPLES = 10
MOST_CATEGORIES = 24
_LONGEST_PROMPT, _LONGEST_ANSWER = 600, 400

ReadAnswers = Callable[[str, Collection[str]], Mapping[str, Answer]]
"""A candidate's answers to the rows of these ids, by id."""


class _Pair(NamedTuple):
    leader: str
    other: str | None


def gather(
    report: Report,
    rules: Sequence[MetricRule],
    evaluated: list[Evaluated],
    rows: Sequence[DatasetRow],
    read: ReadAnswers,
) -> Details:
    """Categories, wins and losses of the report's leader. Empty where nobody was judged."""
    used = [rule for rule in rules if rule.weight and not METRICS[rule.name].measured]
    nothing = Details(scored_by=[rule.name for rule in used])
    if report.decision.leader is None or not used:
        return nothing
    pair = _Pair(report.decision.leader, report.decision.compared_with)
    table = line_up(evaluated, [rule.name for rule in used])
    scores = {name: utilities(table, name, used) for name in pair if name is not None}
    by_id = {row.id: row for row in rows}
    shown, left_out = _categories(table, pair, scores, by_id)
    found = nothing.model_copy(update={"categories": shown, "categories_left_out": left_out})
    if pair.other is None:
        return found
    gaps = scores[pair.leader] - scores[pair.other]
    wins, losses = largest(gaps), largest(-gaps)
    answers = {name: read(name, {table.rows[i] for i in (*wins, *losses)}) for name in (pair.leader, pair.other)}

    def example(i: int) -> Example | None:
        row, leader, other = table.rows[i], answers[pair.leader], answers[str(pair.other)]
        if row not in by_id or row not in leader or row not in other:
            return None
        return _example(
            by_id[row],
            _said(leader[row], scores[pair.leader][i]),
            _said(other[row], scores[str(pair.other)][i]),
        )

    return found.model_copy(
        update={
            "wins": [made for i in wins if (made := example(i))],
            "losses": [made for i in losses if (made := example(i))],
        }
    )


def largest(gaps: Floats, most: int = EXAMPLES) -> list[int]:
    """Where the gaps are largest and above 0, the largest first; of equal ones the first row. NaN is no gap."""
    known = np.where(np.isfinite(gaps), gaps, -np.inf)
    order = np.argsort(-known, kind="stable")[:most]
    return [int(i) for i in order if known[i] > 0]


def _categories(
    table: Table, pair: _Pair, scores: Mapping[str, Floats], rows: Mapping[str, DatasetRow]
) -> tuple[list[CategoryScore], int]:
    """The largest categories, and how many more there are. One alone says nothing that the whole does not."""
    places: dict[str, list[int]] = {}
    for i, row in enumerate(table.rows):
        category = rows[row].category if row in rows else None
        if category:
            places.setdefault(category, []).append(i)
    if len(places) < 2:
        return [], 0
    ordered = sorted(places, key=lambda name: (-len(places[name]), name))
    made = [_category(name, pair, scores, np.array(places[name])) for name in ordered[:MOST_CATEGORIES]]
    return made, len(ordered) - len(made)


def _category(name: str, pair: _Pair, scores: Mapping[str, Floats], places: Floats) -> CategoryScore:
    means = {candidate: _mean(column[places]) for candidate, column in scores.items()}
    difference = None
    if pair.other is not None:
        gaps = scores[pair.leader][places] - scores[pair.other][places]
        difference = _span(gaps[np.isfinite(gaps)])
    return CategoryScore(category=shown(name, 80), n=len(places), scores=means, difference=difference)


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _span(gaps: Floats) -> Span:
    if not len(gaps):
        return Span(value=None)
    found = estimates({"": Column(gaps, -1, 1)}, None).estimates[""]
    if found is None:
        return Span(value=float(gaps.mean()))
    return Span(value=found.value, low=found.low(TAIL), high=found.high(TAIL))


def _example(row: DatasetRow, leader: Said, other: Said) -> Example:
    return Example(
        row=shown(row.id, 80),
        category=shown(row.category, 80) if row.category else None,
        target=shown(row.target, _LONGEST_ANSWER) if row.target is not None else None,
        gap=leader.score - other.score,
        leader=leader,
        other=other,
    )


def _said(answer: Answer, score: float) -> Said:
    return Said(
        prompt=shown(answer.prompt, _LONGEST_PROMPT),
        answer=shown(answer.answer, _LONGEST_ANSWER) if answer.answer is not None else None,
        score=float(score),
    )


def shown(text: str, longest: int) -> str:
    """A text as it may be written down: what names or reaches a person is masked, then the middle is cut out."""
    masked = mask(text)
    half = longest // 2
    return masked if len(masked) <= longest else f"{masked[:half]} […] {masked[-half:]}"
