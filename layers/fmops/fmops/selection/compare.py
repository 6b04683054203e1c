"""From the candidates' scores to a report: ranking, intervals, the gate. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np

from fmops.core.clock import iso
from fmops.selection import wording
from fmops.selection.findings import UTILITY, Findings, find
from fmops.selection.gate import Bout, Demands, decide, nobody_to_judge, surely_breaks
from fmops.selection.models import Against, CandidateResult, Decision, Lineage, MetricRuleUsed, Report
from fmops.selection.ranking import comes_first, dimensions, front, rank
from fmops.selection.scores import Evaluated, Floats, Judged, Table, line_up, lower_is_better, utilities
from fmops.selection.wording import unscored
from fmops.statistics.estimates import CONFIDENCE
from fmops.usecases.metrics import HUMAN, METRICS
from fmops.usecases.models import MetricRule


class Question(NamedTuple):
    """What is asked of the scores."""

    run_id: str
    use_case: str
    rules: list[MetricRule]
    min_rows: int
    groups: Mapping[str, str] | None = None
    """The group of each row that has one, by its id: rows of a group are not independent of each other."""
    judged: Judged | None = None
    """The judge of the answers, where there is one."""
    min_reviewed: int = 1
    """How many rows people must have judged, where a rule asks for their verdict."""

    @property
    def counting(self) -> list[MetricRule]:
        """The rules on what is known: where a judge is not used, those without it."""
        used = self.judged is None or not self.judged.why_not
        return [rule for rule in self.rules if used or METRICS[rule.name].judge is None]


def compare(question: Question, candidates: list[Evaluated], lineage: Lineage, now: datetime) -> Report:
    """Rank the candidates, judge the best challenger, and say why.

    ResultsUnusable and ComparisonRefused as `line_up`.
    """
    rules, judged = question.counting, question.judged
    unheard = [rule for rule in question.rules if rule not in rules]
    table = line_up(candidates, [rule.name for rule in rules], question.groups, judged)
    challengers = [candidate.id for candidate in candidates if not candidate.is_champion]
    findings = find(table, challengers, _rivals(candidates), rules)
    results = rank(_results(candidates, table, findings, rules))
    bout = _bout(candidates, results, findings)
    compared = bout.differences if bout else {}
    return Report(
        run_id=question.run_id,
        use_case=question.use_case,
        created_at=iso(now),
        confidence=CONFIDENCE,
        decision=_told(
            decide(bout, rules, Demands(question.min_rows, judged, question.min_reviewed), unheard)
            if bout
            else _unranked(results, rules, judged if unheard else None),
            judged,
        ),
        rules={rule.name: _rule_used(rule) for rule in rules},
        candidates=results,
        differences={rule.name: compared[rule.name].difference() for rule in rules if compared},
        utility_difference=compared[UTILITY].difference() if compared else None,
        lineage=lineage,
        groups=len(np.unique(table.groups)) if table.groups is not None else None,
        challengers=len(challengers),
    )


def _rivals(candidates: list[Evaluated]) -> dict[str, str]:
    """What each challenger must beat: the champion, or without one its own untuned base."""
    champion = next((candidate.id for candidate in candidates if candidate.is_champion), None)
    present = {candidate.id for candidate in candidates}
    rivals = {candidate.id: champion or candidate.base for candidate in candidates if not candidate.is_champion}
    return {candidate: rival for candidate, rival in rivals.items() if rival in present}


def _results(
    candidates: list[Evaluated], table: Table, findings: Findings, rules: list[MetricRule]
) -> list[CandidateResult]:
    points = {candidate.id: dimensions(table, candidate.id, rules) for candidate in candidates}
    undominated, first = front(points), comes_first(table, rules)
    return [
        _result(candidate, table, findings, rules).model_copy(
            update={
                "comes_first": first.get(candidate.id),
                "dimensions": points[candidate.id],
                "on_front": candidate.id in undominated,
            }
        )
        for candidate in candidates
    ]


def _result(candidate: Evaluated, table: Table, findings: Findings, rules: list[MetricRule]) -> CandidateResult:
    levels = findings.levels[candidate.id]
    whole = utilities(table, candidate.id, rules)
    return CandidateResult(
        id=candidate.id,
        kind=candidate.kind,
        model_id=candidate.model_id,
        model_version=candidate.model_version,
        is_champion=candidate.is_champion,
        metrics={
            rule.name: levels[rule.name].metric_result(
                _mean(table.column(candidate.id, rule.name)), _asked(candidate, table, rule)
            )
            for rule in rules
        },
        utility=_mean(whole),
        rank=None,
        failures=candidate.summary.failures,
        breaks=[rule.name for rule in rules if surely_breaks(levels[rule.name], rule)],
    )


def _asked(candidate: Evaluated, table: Table, rule: MetricRule) -> int:
    """How many rows could have this score."""
    if rule.name != HUMAN:
        return table.expected(rule.name)
    return candidate.review.sampled if candidate.review else 0


def _mean(values: Floats) -> float | None:
    present = values[np.isfinite(values)]
    return float(present.mean()) if len(present) else None


def _bout(candidates: list[Evaluated], results: list[CandidateResult], findings: Findings) -> Bout | None:
    """The best challenger against the champion; without one against its own untuned base."""
    by_id = {result.id: result for result in results}
    leader = next((result for result in results if not result.is_champion and result.utility is not None), None)
    if leader is None:
        return None
    rivals = _rivals(candidates)
    other = by_id[rivals[leader.id]] if leader.id in rivals else None
    against = Against.NOTHING
    if other:
        against = Against.CHAMPION if other.is_champion else Against.BASE
    challengers = sum(not candidate.is_champion for candidate in candidates)
    review = next(candidate.review for candidate in candidates if candidate.id == leader.id)
    return Bout(
        leader,
        other,
        against,
        findings.levels[leader.id],
        findings.differences.get(leader.id, {}),
        challengers,
        review.pair.rival if review else None,
    )


def _told(decision: Decision, judged: Judged | None) -> Decision:
    """The decision with a word on a judge that is not used, where it does not say so already."""
    if judged is None or not judged.why_not:
        return decision
    said = wording.without_judge(judged.why_not)
    if said in decision.sentence:
        return decision
    return decision.model_copy(update={"sentence": f"{decision.sentence} {said[:1].upper()}{said[1:]}."})


def _unranked(results: list[CandidateResult], rules: list[MetricRule], judged: Judged | None) -> Decision:
    reasons = [
        *([wording.without_judge(judged.why_not)] if judged and judged.why_not else []),
        *(
            unscored(result.id, rule.name)
            for result in results
            if not result.is_champion
            for rule in rules
            if result.metrics[rule.name].n == 0 and not (rule.name == HUMAN and not rule.weight)
        ),
    ]
    return nobody_to_judge(reasons or ["no row has all the scores that the ranking needs"])


def _rule_used(rule: MetricRule) -> MetricRuleUsed:
    return MetricRuleUsed(
        weight=rule.weight,
        limit=rule.limit,
        margin=rule.margin,
        higher_is_better=not lower_is_better(rule.name),
        dimension=METRICS[rule.name].dimension,
    )
