"""What the gate says to people."""

from fmops.selection.findings import Finding
from fmops.selection.models import Against, Difference, Verdict
from fmops.statistics.choosing import FEWEST
from fmops.statistics.estimates import TAIL
from fmops.usecases.metrics import HUMAN, METRICS


def sentence(verdict: Verdict, leader: str, other: str | None, against: Against, reasons: list[str]) -> str:
    """The decision in one sentence; where there is no champion, another one says so."""
    alone = "" if against is Against.CHAMPION else " There is no champion to compare it with."
    match verdict:
        case Verdict.PROMOTE if against is Against.CHAMPION:
            return f"Promote {leader}: it is better than the champion {other}."
        case Verdict.PROMOTE if against is Against.BASE:
            return f"Promote {leader}: it is better than its untuned base {other} and keeps every limit.{alone}"
        case Verdict.PROMOTE:
            return f"Promote {leader}: it keeps every limit.{alone}"
        case Verdict.REJECT:
            return f"Do not promote {leader}: {reasons[0]}.{alone}"
        case Verdict.INCONCLUSIVE:
            return f"Cannot tell whether {leader} is good enough: {reasons[0]}.{alone}"


def unscored(candidate: str, metric: str) -> str:
    if METRICS[metric].measured:
        return f"{metric} of {candidate} is unknown"
    if metric == HUMAN:
        return f"{metric} of {candidate} is missing: people judged none of its answers"
    return f"{metric} of {candidate} was not scored on any row"


def level(metric: str, candidate: str, finding: Finding) -> str:
    found = finding.estimate
    if found is None:
        return f"{metric} of {candidate}"
    low, high = found.low(finding.tail), found.high(finding.tail)
    return f"{metric} of {candidate} is {_number(found.value)} ({_number(low)} to {_number(high)})"


def difference(one: str, verb: str, other: str, found: Difference) -> str:
    if found.value is None:
        return f"{one} against {other}"
    return f"{one} {verb} {other} by {found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def preferred(leader: str, other: str | None, found: Difference) -> str:
    """What people said, as the share that prefers the one less the share that prefers the other."""
    if found.value is None or other is None:
        return f"people's preference for {leader}"
    return f"people prefer {leader} to {other} by {found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def too_few(finding: Finding) -> str:
    """Why a number has no interval."""
    if not finding.n:
        return "no row has what is needed"
    if finding.units < FEWEST:
        units = f"{finding.n} rows" if finding.units == finding.n else f"{finding.units} groups of rows"
        return f"{units} are too few to tell; at least {FEWEST} are needed"
    return f"{finding.n} rows are too few for scores with no bounds of their own"


def without_judge(why_not: str) -> str:
    """That nothing a judge said counts."""
    return f"the judge was not used: {why_not}"


def picked(finding: Finding, challengers: int) -> str:
    """That the interval allows for the leader having been picked."""
    if finding.tail == TAIL:
        return ""
    return f", an interval that allows for picking the best of {challengers}"


def detectable(found: Difference) -> str:
    """What the rows could have shown."""
    return f" ({found.n} rows show differences from {found.detectable:.3f} on)"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
