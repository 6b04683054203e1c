"""Making names that others chose harmless before people read them."""

from fmops.approval.models import Interval
from fmops.core.plain import one_line


def clean(text: str, longest: int = 200) -> str:
    """One line without control or direction characters, at most `longest` characters."""
    return one_line(text, longest)


def clean_lines(text: str, longest: int = 2000) -> str:
    """The same for text that may have several lines."""
    lines = [clean(line, longest) for line in text.splitlines()]
    return "\n".join(lines).strip()[:longest]


def unlinked(text: str) -> str:
    """Text in which mail programs find no address to make a link of, beyond the one that we send."""
    return text.replace("://", ": //")


def masked(address: str) -> str:
    """`ann@example.org` as `a…@example.org`: enough to know a colleague by."""
    local, _, domain = clean(address).rpartition("@")
    return f"{local[:1]}…@{domain}"


def number(value: float | None) -> str:
    """Scores lie between 0 and 1, a latency in the hundreds: three digits that count are enough for both."""
    if value is None:
        return "not scored"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"


def interval(given: Interval | None) -> str:
    """`0.412 (0.380 to 0.441)`."""
    if given is None:
        return "none"
    if given.value is None or given.low is None or given.high is None:
        return number(given.value)
    return f"{number(given.value)} ({number(given.low)} to {number(given.high)})"


def difference(given: Interval) -> str:
    """`+0.053 (+0.012 to +0.094)`."""
    if given.value is None:
        return number(None)
    text = f"{given.value:+.3f}"
    return text if given.low is None or given.high is None else f"{text} ({given.low:+.3f} to {given.high:+.3f})"


def moment(iso: str) -> str:
    """`2026-11-24 04:18 UTC` of an ISO 8601 moment in UTC."""
    return f"{iso[:10]} {iso[11:16]} UTC"
