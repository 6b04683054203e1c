"""The report as one HTML page that needs nothing else: no script, no network."""

from html import escape

from fmops.core.plain import one_line
from fmops.selection.details import SIMULTANEOUS
from fmops.selection.models import Report
from fmops.selection.report.answers import examples
from fmops.selection.report.choices import features, pareto, speed
from fmops.selection.report.judge import judge
from fmops.selection.report.lineage import lineage
from fmops.selection.report.numbers import candidates, categories, differences
from fmops.selection.report.people import people
from fmops.selection.report.style import STYLE
from fmops.selection.report.verdict import reasons, verdict
from fmops.usecases.metrics import LATENCY

# By section id; a section that has nothing to show is left out, and so is its entry.
_CONTENTS = {
    "differences": "Differences",
    "reasons": "Reasons",
    "candidates": "Candidates",
    "people": "People",
    "pareto": "Quality against cost",
    "speed": "Latency and cost",
    "judge": "Judge",
    "categories": "By category",
    "examples": "Wins and losses",
    "features": "Feature matrix",
    "lineage": "Where it comes from",
}


def page(report: Report) -> str:
    """The whole page. All that others named or wrote is escaped."""
    title = one_line(f"Evaluation of {report.use_case}: {report.decision.verdict}", 120)
    sections = "".join(
        part(report)
        for part in (
            differences,
            reasons,
            candidates,
            people,
            pareto,
            speed,
            judge,
            categories,
            examples,
            features,
            lineage,
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>Evaluation report {escape(one_line(report.run_id, 80))}</h1>"
        f"{verdict(report)}{_contents(sections)}{sections}"
        f"<footer>{_footer(report)}</footer></main></body></html>\n"
    )


def _contents(sections: str) -> str:
    items = "".join(
        f'<li><a href="#{place}">{title}</a></li>'
        for place, title in _CONTENTS.items()
        if f'<section id="{place}">' in sections
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _footer(report: Report) -> str:
    groups = f" Rows come from {report.groups:,} groups and are counted by group." if report.groups else ""
    latency = f" {escape(SIMULTANEOUS, quote=False)}" if LATENCY in report.rules else ""
    return (
        f"Intervals hold at {report.confidence:.0%}; nothing that is missing was counted as a score.{groups}{latency}"
    )
