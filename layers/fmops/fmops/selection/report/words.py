"""Numbers and others' texts, as people read them."""

from collections.abc import Iterable
from html import escape

from fmops.core.plain import one_line
from fmops.selection.details import Span
from fmops.selection.models import Difference, MetricResult

NOT_SCORED = "not scored"
NOT_KNOWN = "not known"
_NAMES = {
    "f1": "F1",
    "judge_win_rate": "Judge: win rate",
    "judge_rubric": "Judge: grade",
    "human_win_rate": "Preferred by people",
    "latency_p95_ms": "Latency, 95th percentile",
    "cost_usd_per_1000": "Cost of 1,000 answers",
}


def text(given: str, longest: int = 200) -> str:
    """What others named, on one line, harmless in HTML; a right-to-left name does not turn the line around it."""
    return f"<bdi>{escape(one_line(given, longest))}</bdi>"


def lines(given: str) -> str:
    """The same for a text of several lines."""
    kept = (one_line(line, 2000) for line in given.splitlines())
    return "\n".join(escape(line) for line in kept).strip("\n")


def name(metric: str) -> str:
    """A metric's name: `quasi_exact_match` is `Quasi exact match`."""
    return _NAMES.get(metric) or metric.replace("_", " ").capitalize()


def number(value: float | None, metric: str = "", *, signed: bool = False) -> str:
    """A score with three digits, milliseconds with none, dollars with two or, below one, more."""
    if value is None:
        return NOT_SCORED
    sign = "+" if signed else ""
    if metric == "latency_p95_ms" and not signed:
        return f"{value:,.0f} ms"
    if metric == "cost_usd_per_1000" and not signed:
        return usd(value)
    return f"{value:{sign}.3f}".replace("-", "\N{MINUS SIGN}")


def interval(found: MetricResult | Difference | Span, metric: str = "", *, signed: bool = False) -> str:
    """`+0.053 (+0.012 to +0.094)`."""
    middle = number(found.value, metric, signed=signed)
    if found.value is None:
        return middle
    if found.low is None and found.high is None:
        return f"{middle} (no interval: too few rows)"
    low, high = (
        number(end, metric, signed=signed) if end is not None else NOT_KNOWN for end in (found.low, found.high)
    )
    return f"{middle} ({low} to {high})"


def usd(value: float | None) -> str:
    if value is None:
        return NOT_KNOWN
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.2g}"


def milliseconds(value: float | None) -> str:
    if value is None:
        return NOT_KNOWN
    return f"{value:,.0f} ms" if value < 1000 else f"{value / 1000:,.1f} s"


def weight(value: float) -> str:
    """What a metric has to say in the ranking."""
    return f"weight {value:g}" if value else "no weight in the ranking"


def amount(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,.0f}"


def share(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.0%}"


def moment(iso: str) -> str:
    """`2026-11-24 04:18 UTC` of an ISO 8601 moment in UTC."""
    return f"{iso[:10]} {iso[11:16]} UTC" if iso[11:16] else iso


def table(head: Iterable[str], rows: Iterable[Iterable[str]], label: str) -> str:
    """A table that scrolls by itself on a narrow screen. Cells are HTML; the first of each row names it."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        "<tr>"
        + "".join(f'<th scope="row">{cell}</th>' if i == 0 else f"<td>{cell}</td>" for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(label)}" tabindex="0">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
