"""From the candidates' scores to a report: ranking, intervals, the gate. Pure."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from fmops.core.clock import iso
from fmops.selection.gate import Bout, decide, nobody_to_judge
from fmops.selection.intervals import difference, intervals, metric_result
from fmops.selection.models import (
    Against,
    CandidateResult,
    Decision,
    Difference,
    Lineage,
    MetricRuleUsed,
    Report,
)
from fmops.selection.scores import Evaluated, Table, line_up, lower_is_better, oriented, utilities
from fmops.statistics.bootstrap import CONFIDENCE
from fmops.usecases.models import MetricRule


class Question(NamedTuple):
    """What is asked of the scores."""

    run_id: str
    use_case: str
    rules: list[MetricRule]
    min_rows: int


def compare(question: Question, candidates: list[Evaluated], lineage: Lineage, now: datetime) -> Report:
    """Rank the candidates, judge the best challenger, and say why.

    ResultsUnusable and ComparisonRefused as `line_up`.
    """
    rules = question.rules
    table = line_up(candidates, [rule.name for rule in rules])
    results = rank([_result(candidate, table, rules) for candidate in candidates])
    bout = _bout(candidates, results, table, rules)
    return Report(
        run_id=question.run_id,
        use_case=question.use_case,
        created_at=iso(now),
        confidence=CONFIDENCE,
        decision=decide(bout, rules, question.min_rows) if bout else _unranked(results, rules),
        rules={
            rule.name: MetricRuleUsed(
                weight=rule.weight,
                limit=rule.limit,
                margin=rule.margin,
                higher_is_better=not lower_is_better(rule.name),
            )
            for rule in rules
        },
        candidates=results,
        differences=bout.differences if bout else {},
        utility_difference=bout.utility if bout else None,
        lineage=lineage,
    )


def rank(results: list[CandidateResult]) -> list[CandidateResult]:
    """Best first. Of two equal ones the untuned is the simpler; candidates without a utility come last, unranked."""
    ordered = sorted(
        results, key=lambda r: (r.utility is None, -(r.utility or 0), not r.is_champion, r.kind == "fine_tuned", r.id)
    )
    return [
        result.model_copy(update={"rank": place if result.utility is not None else None})
        for place, result in enumerate(ordered, start=1)
    ]


def _result(candidate: Evaluated, table: Table, rules: list[MetricRule]) -> CandidateResult:
    columns = {rule.name: table.column(candidate.id, rule.name) for rule in rules}
    found = intervals(columns, CONFIDENCE)
    whole = utilities(table, candidate.id, rules)
    scored = whole[np.isfinite(whole)]
    return CandidateResult(
        id=candidate.id,
        kind=candidate.kind,
        model_id=candidate.model_id,
        model_version=candidate.model_version,
        is_champion=candidate.is_champion,
        metrics={name: metric_result(interval, len(table.rows)) for name, interval in found.items()},
        utility=float(scored.mean()) if len(scored) else None,
        rank=None,
        failures=candidate.summary.failures,
    )


def _bout(
    candidates: list[Evaluated], results: list[CandidateResult], table: Table, rules: list[MetricRule]
) -> Bout | None:
    """The best challenger against the champion; without one against its own untuned base."""
    by_id = {result.id: result for result in results}
    leader = next((result for result in results if not result.is_champion and result.utility is not None), None)
    if leader is None:
        return None
    champion = next((result for result in results if result.is_champion), None)
    base = next(
        (by_id[candidate.base] for candidate in candidates if candidate.id == leader.id and candidate.base), None
    )
    other = champion or base
    if other is None:
        return Bout(leader, None, Against.NOTHING, {}, None)
    columns = {
        rule.name: oriented(rule.name, table.column(leader.id, rule.name))
        - oriented(rule.name, table.column(other.id, rule.name))
        for rule in rules
    }
    whole = utilities(table, leader.id, rules) - utilities(table, other.id, rules)
    found: dict[str, Difference] = {
        name: difference(interval) for name, interval in intervals({**columns, "": whole}, CONFIDENCE).items()
    }
    utility = found.pop("")
    return Bout(leader, other, Against.CHAMPION if champion else Against.BASE, found, utility)


def _unranked(results: list[CandidateResult], rules: list[MetricRule]) -> Decision:
    reasons = [
        f"{rule.name} of {result.id} was not scored on any row"
        for result in results
        if not result.is_champion
        for rule in rules
        if result.metrics[rule.name].n == 0
    ]
    return nobody_to_judge(reasons or ["no row has all the scores that the ranking needs"])
