"""What the gate says to people."""

from fmops.selection.findings import Finding
from fmops.selection.models import Against, Verdict
from fmops.statistics.estimates import TAIL
from fmops.usecases.metrics import METRICS


def sentence(verdict: Verdict, leader: str, other: str | None, against: Against, reasons: list[str]) -> str:
    """The decision in one sentence."""
    match verdict:
        case Verdict.PROMOTE:
            if against is Against.CHAMPION:
                return f"Promote {leader}: it is better than the champion {other}."
            if against is Against.BASE:
                return f"Promote {leader}: it is better than its untuned base {other} and keeps every limit."
            return f"Promote {leader}: it keeps every limit. There is no champion to compare it with."
        case Verdict.REJECT:
            return f"Do not promote {leader}: {reasons[0]}."
        case Verdict.INCONCLUSIVE:
            return f"Cannot tell whether {leader} is good enough: {reasons[0]}."


def unscored(candidate: str, metric: str) -> str:
    if METRICS[metric].algorithm is None:
        return f"{metric} of {candidate} is unknown"
    return f"{metric} of {candidate} was not scored on any row"


def level(metric: str, candidate: str, finding: Finding) -> str:
    found = finding.estimate
    if found is None:
        return f"{metric} of {candidate} on {finding.n} rows has no interval"
    low, high = found.low(finding.tail), found.high(finding.tail)
    return f"{metric} of {candidate} is {_number(found.value)} ({_number(low)} to {_number(high)})"


def difference(words: str, finding: Finding) -> str:
    found = finding.estimate
    if found is None:
        return f"{words} what {finding.n} rows are too few to say"
    low, high = found.low(finding.tail), found.high(finding.tail)
    return f"{words} {found.value:+.3f} ({low:+.3f} to {high:+.3f})"


def picked(finding: Finding, challengers: int) -> str:
    """That the interval allows for the leader having been picked."""
    if finding.tail == TAIL:
        return ""
    return f", an interval that allows for picking the best of {challengers}"


def detectable(finding: Finding) -> str:
    """What the rows could have shown."""
    least = finding.difference().detectable
    return f" ({finding.n} rows show differences from {least:.3f} on)" if least is not None else ""


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
