"""What a report tells of the judge: how good it is, what it said, and what place and order did to it."""

from collections.abc import Mapping

import numpy as np

from fmops.evaluation.judge.models import JudgeSummary
from fmops.selection.details import JudgedCandidate, JudgeResult, ProbesOfKind, Span
from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import TAIL
from fmops.statistics.paired import PairedShares

Judged = Mapping[str, Mapping[str, float | None]]
"""The judge's scores by candidate and row."""


def heard(about: JudgeResult, summary: JudgeSummary, scores: Judged, groups: Mapping[str, str] | None) -> JudgeResult:
    """`about` with all that the judge's summary tells; groups as in the comparison."""
    accuracy, position, taken = summary.accuracy, summary.position, summary.taken
    return about.model_copy(
        update={
            "accuracy": Span(value=accuracy.value, low=accuracy.low, high=accuracy.high),
            "known_answers": accuracy.n,
            "known_failed": accuracy.failed,
            "kinds": [
                ProbesOfKind(kind=kind, probes=found.probes, right=found.right, failed=found.failed)
                for kind, found in accuracy.kinds.items()
            ],
            "candidates": [
                _candidate(name, summary, scores[name], groups) for name in summary.candidates if name in scores
            ],
            "pairs": position.pairs if position else 0,
            "agreed": position.agreed if position else 0,
            "position_bias": _bias(position.first, position.second, position.pairs) if position else None,
            "calls": taken.calls,
            "reused": taken.reused,
            "input_tokens": taken.input_tokens,
            "output_tokens": taken.output_tokens,
            "fingerprint": summary.judge_fingerprint,
            "prompt_version": summary.prompt_version,
        }
    )


def _candidate(
    name: str, summary: JudgeSummary, scores: Mapping[str, float | None], groups: Mapping[str, str] | None
) -> JudgedCandidate:
    counts = summary.candidates[name]
    given = {row: value for row, value in scores.items() if value is not None}
    return JudgedCandidate(
        candidate=name,
        score=_mean(given, groups, halves=summary.reference is not None),
        n=len(given),
        wins=counts.wins,
        ties=counts.ties,
        losses=counts.losses,
        equal=counts.equal,
        failed=counts.failed,
        unanswered=counts.unanswered,
        grades=counts.grades,
    )


def _mean(scores: Mapping[str, float], groups: Mapping[str, str] | None, *, halves: bool) -> Span:
    if not scores:
        return Span(value=None)
    values = np.array(list(scores.values()))
    numbers: dict[tuple[bool, str], int] = {}
    units = (
        [numbers.setdefault((row in groups, groups.get(row, row)), len(numbers)) for row in scores] if groups else None
    )
    columns = {"": Column(values, 0, 1, halves=halves)}
    found = estimates(columns, np.array(units) if units else None).estimates[""]
    if found is None:
        return Span(value=float(values.mean()))
    return Span(value=found.value, low=found.low(TAIL), high=found.high(TAIL))


def _bias(first: int, second: int, pairs: int) -> Span:
    if not pairs:
        return Span(value=None)
    found = PairedShares(first, second, pairs)
    return Span(value=found.value, low=found.low(TAIL), high=found.high(TAIL))
