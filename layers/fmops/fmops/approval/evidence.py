"""From a comparison's report to what approvers are shown."""

from fmops.approval.forms import short_name
from fmops.approval.models import Evidence, Interval, Row
from fmops.approval.wording import clean
from fmops.core.errors import ResultsUnusable
from fmops.selection.models import CandidateResult, Difference, MetricResult, Report

_LONGEST = 1000


def of_report(report: Report, report_uri: str, cost_usd: float | None) -> Evidence:
    """The evidence for the winner. ResultsUnusable where the report names none: then there is nobody to ask about."""
    winner = _candidate(report, report.decision.winner)
    if winner is None:
        raise ResultsUnusable(f"the report of {report.run_id} names no winner among its candidates")
    other = _candidate(report, report.decision.compared_with)
    lineage = report.lineage
    tuned = ", fine-tuned" if winner.kind == "fine_tuned" else ""
    return Evidence(
        run_id=report.run_id,
        use_case=report.use_case,
        candidate=clean(winner.id),
        short_name=short_name(winner.id),
        model=clean(f"{winner.model_id} {winner.model_version}{tuned}"),
        dataset=clean(f"{lineage.dataset} {lineage.dataset_version}, {lineage.test_rows} test rows"),
        verdict=clean(f"{report.decision.verdict}: {report.decision.sentence}", _LONGEST),
        reasons=[clean(reason, _LONGEST) for reason in report.decision.reasons],
        compared_with=_compared(other.id, str(report.decision.against)) if other else None,
        confidence=report.confidence,
        rows=[_row(report, name, winner, other) for name in _by_weight(report)],
        cost_usd=cost_usd,
        report_uri=report_uri,
    )


def _compared(name: str, role: str) -> str:
    return clean(name if name == role else f"{name} ({role})")


def _candidate(report: Report, name: str | None) -> CandidateResult | None:
    return next((candidate for candidate in report.candidates if candidate.id == name), None)


def _by_weight(report: Report) -> list[str]:
    """The metrics of the use case, the one that weighs most first, as the use case lists them among equals."""
    return sorted(report.rules, key=lambda name: -report.rules[name].weight)


def _row(report: Report, name: str, winner: CandidateResult, other: CandidateResult | None) -> Row:
    found = winner.metrics.get(name)
    # Only the leader was compared; the differences say nothing about anybody else.
    gap = report.differences.get(name) if other and winner.id == report.decision.leader else None
    return Row(
        metric=name,
        winner=_interval(found) or Interval(value=None),
        other=_interval(other.metrics.get(name)) if other else None,
        difference=_interval(gap),
        items=found.n if found else 0,
        higher_is_better=report.rules[name].higher_is_better,
        of_limit=report.rules[name].dimension in ("latency", "cost"),
    )


def _interval(given: MetricResult | Difference | None) -> Interval | None:
    return Interval(value=given.value, low=given.low, high=given.high) if given else None
