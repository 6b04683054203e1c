"""What is weighed against each other: the models' features, quality against latency and cost."""

from collections.abc import Callable
from html import escape
from typing import NamedTuple

from fmops.selection.details import Details, FeatureRow, Speed
from fmops.selection.models import Report
from fmops.selection.report.drawing import Plot, Point, front, plot
from fmops.selection.report.words import NOT_KNOWN, amount, milliseconds, table, text, usd


def features(report: Report) -> str:
    """The feature matrix: what is known of each model, and what the use case's conditions cut."""
    rows = report.details.features if report.details else []
    if not rows:
        return ""
    columns = list(dict.fromkeys(column for row in rows for column in row.features))
    head = ["Model", "Conditions", *(escape(f"{column[:1].upper()}{column[1:]}") for column in columns)]
    kept = sum(row.kept for row in rows)
    hint = (
        f"{kept} of {len(rows)} models meet the use case's conditions. What a model's documents don't say is not known."
    )
    return (
        f'<section id="features"><h2>Feature matrix</h2><p class="hint">{hint}</p>'
        f"{table(head, [_feature_row(row, columns) for row in rows], 'Feature matrix')}</section>"
    )


def _feature_row(row: FeatureRow, columns: list[str]) -> list[str]:
    pill = '<span class="pill good">✓ met</span>' if row.kept else '<span class="pill bad">✕ cut</span>'
    why = "".join(f"<br><small>{text(reason, 300)}</small>" for reason in row.reasons)
    cells = (text(row.features[column]) if row.features.get(column) else NOT_KNOWN for column in columns)
    return [text(row.name), f"{pill}{why}", *cells]


class _Axis(NamedTuple):
    title: str
    form: str
    of: Callable[[Speed], float | None]


_AXES = (
    _Axis("Latency in ms, 95th percentile (less is better)", ",.0f", lambda speed: speed.latency_p95_ms),
    _Axis("US dollars for 1,000 answers (less is better)", "g", lambda speed: speed.usd_per_1000),
)


def pareto(report: Report) -> str:
    """Quality against latency and against cost, where at least two candidates have both."""
    drawn = [figure for axis in _AXES if (figure := _figure(report, axis))]
    if not drawn:
        return ""
    return (
        '<section id="pareto"><h2>Quality against latency and cost</h2>'
        '<p class="hint">Up and to the left is better. Filled points are on the Pareto front: no other candidate is '
        "as good in both and better in one. Numbers are the ranks.</p>"
        f'<div class="plots">{"".join(drawn)}</div><p>{_legend(report)}</p></section>'
    )


def _figure(report: Report, axis: _Axis) -> str:
    speeds = report.details.speeds if report.details else {}
    known = [
        (place, candidate.id, x, y)
        for place, candidate in enumerate(report.candidates, start=1)
        if (speed := speeds.get(candidate.id)) and (x := axis.of(speed)) is not None
        if (y := _quality(report, candidate.id)) is not None
    ]
    if len(known) < 2:
        return ""
    on_front = front([(x, y) for _, _, x, y in known])
    points = [
        Point(place, x, y, first, "plain" if name == report.decision.leader else "muted")
        for (place, name, x, y), first in zip(known, on_front, strict=True)
    ]
    spoken = "; ".join(f"{name}: {y:.3f} at {x:,.4g}" for _, name, x, y in known)
    label = f"Quality against {axis.title}. {spoken}"
    return f"<figure>{plot(Plot(points, axis.title, 'Quality', axis.form, label))}</figure>"


def _quality(report: Report, candidate: str) -> float | None:
    """Of the candidate's dimensions, or the weighted score where the report has none."""
    found = next(each for each in report.candidates if each.id == candidate)
    quality = found.dimensions.get("quality")
    return quality if quality is not None else found.utility


def _legend(report: Report) -> str:
    items = (
        f'<span class="key">{place} = {text(candidate.id)}</span>'
        for place, candidate in enumerate(report.candidates, start=1)
    )
    return " ".join(items)


def speed(report: Report) -> str:
    """Latency, tokens and price of every candidate."""
    details = report.details
    if details is None or not details.speeds:
        return ""
    rows = [
        _speed_row(candidate.id, details.speeds[candidate.id])
        for candidate in report.candidates
        if candidate.id in details.speeds
    ]
    head = ["Candidate", "Latency, median", "95th percentile", "Tokens in", "Tokens out", "At once", "1,000 answers"]
    return (
        f'<section id="speed"><h2>Latency and cost</h2>{table(head, rows, "Latency and cost")}'
        f'<p class="hint">{_priced(details)} Tokens are means for one prompt.</p></section>'
    )


def _speed_row(candidate: str, found: Speed) -> list[str]:
    guarded = f"<br><small>{found.intervened:,} answers by a guardrail</small>" if found.intervened else ""
    return [
        f"{text(candidate)}{guarded}",
        milliseconds(found.latency_p50_ms),
        milliseconds(found.latency_p95_ms),
        amount(found.input_tokens),
        amount(found.output_tokens),
        amount(found.concurrency),
        usd(found.usd_per_1000),
    ]


def _priced(details: Details) -> str:
    if all(one.usd_per_1000 is None for one in details.speeds.values()):
        return "Latency as measured by the evaluation job. What answers cost is not known."
    dated = f" of {escape(details.prices_of)}" if details.prices_of else ""
    return f"Latency as measured by the evaluation job. Prices by the table{dated}."
