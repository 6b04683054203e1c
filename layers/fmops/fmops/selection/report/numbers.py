"""Intervals drawn: the differences that decide, every candidate's metrics, and the categories."""

from html import escape

from fmops.selection.details import CategoryScore, Span
from fmops.selection.models import CandidateResult, Check, Difference, MetricResult, Report
from fmops.selection.report.drawing import Mark, Scale, axis, interval, scale
from fmops.selection.report.verdict import TONES
from fmops.selection.report.words import interval as words
from fmops.selection.report.words import name, number, share, table, text, weight

_WHOLE = "Weighted score"


def differences(report: Report) -> str:
    """The leader against what it is compared with, metric by metric, the weighted whole first."""
    decision = report.decision
    if decision.compared_with is None or decision.leader is None:
        return ""
    shown: list[tuple[str, str, Difference]] = [
        *([("", _WHOLE, report.utility_difference)] if report.utility_difference else []),
        *((metric, name(metric), found) for metric, found in report.differences.items()),
    ]
    margins = {metric: rule.margin for metric, rule in report.rules.items()}
    at = scale(
        [end for metric, _, found in shown for end in (found.value, found.low, found.high, -margins.get(metric, 0.0))],
        around_zero=True,
    )
    rows = "".join(
        _difference_row(report, at, metric, title, found, margins.get(metric)) for metric, title, found in shown
    )
    confidence = ", ".join(sorted({f"{found.confidence:.1%}".replace(".0%", "%") for _, _, found in shown}))
    tried = (
        f" They are wide enough for the best of {report.challengers} candidates to have been picked."
        if report.challengers and report.challengers > 1
        else ""
    )
    return (
        f'<section id="differences"><h2>{text(decision.leader)} against {text(decision.compared_with)}</h2>'
        f'<p class="hint">Paired differences on the same rows with {confidence} intervals; to the right of the line '
        f"{text(decision.leader)} is better, for toxicity, latency and cost too.{tried}</p>"
        f'<div class="rows two">{rows}<span class="gap"></span>{axis(at, "+.2g")}<span class="gap"></span></div>'
        '<p class="hint"><span class="key"><b></b>what a metric may be worse by</span></p></section>'
    )


def _difference_row(report: Report, at: Scale, metric: str, title: str, found: Difference, margin: float | None) -> str:
    tone = _tone(report, metric)
    marks = [Mark(0, "zero"), *([Mark(-margin, "margin")] if margin else [])]
    drawn = interval(at, found.value, found.low, found.high, marks, tone, f"{title}: {words(found, signed=True)}")
    about = weight(report.rules[metric].weight) if metric in report.rules else "what the ranking is made of"
    detectable = (
        f"<small>{found.n:,} rows; would show {found.detectable:.3f} or more</small>"
        if found.detectable is not None
        else f"<small>{found.n:,} rows</small>"
    )
    return _row(f"{escape(title)}<small>{about}</small>", drawn, f"{words(found, signed=True)}{detectable}")


def _tone(report: Report, metric: str) -> str:
    """How the gate's condition on this difference stands; `plain` where it asks nothing of it."""
    checks = [
        c.check for c in report.decision.checks if c.what in ("guard", "improvement") and (c.metric or "") == metric
    ]
    worst = next((check for check in (Check.FAILED, Check.CANNOT_TELL, Check.PASSED) if check in checks), None)
    return TONES[worst] if worst else "plain"


def candidates(report: Report) -> str:
    """The ranking, and each metric of each candidate."""
    some_first = any(candidate.comes_first is not None for candidate in report.candidates)
    some_front = any(candidate.on_front is not None for candidate in report.candidates)
    head = ["Rank and candidate", "Model", _WHOLE]
    head += ["Comes first"] if some_first else []
    head += ["Pareto front"] if some_front else []
    head.append("No answer")
    rows = []
    for candidate in report.candidates:
        row = [
            f"{candidate.rank or '–'}&nbsp; {_named(report, candidate)}",
            _model(candidate),
            number(candidate.utility),
        ]
        row += [share(candidate.comes_first)] if some_first else []
        row += [{True: "on it", False: "behind it", None: "not known"}[candidate.on_front]] if some_front else []
        row.append(f"{candidate.failures:,}")
        if candidate.breaks:
            row[0] += f"<br><small>breaks: {escape(', '.join(name(each) for each in candidate.breaks))}</small>"
        rows.append(row)
    hint = (
        "Ranked by the use case's weights. “Comes first”: in how many of the resamples of the rows."
        if some_first
        else ""
    )
    if some_front:
        hint += " “Pareto front”: nobody else is as good in quality, toxicity, latency and cost, and better in one."
    levels = "".join(_levels(report, metric) for metric in report.rules)
    return (
        f'<section id="candidates"><h2>Candidates</h2><p class="hint">{hint}</p>{table(head, rows, "Candidates")}'
        f'{levels}<p class="hint">Means over the test rows with {report.confidence:.0%} intervals. '
        '<span class="key"><b class="limit-key"></b>limit of the use case</span></p></section>'
    )


def _levels(report: Report, metric: str) -> str:
    rule = report.rules[metric]
    found = {candidate.id: candidate.metrics[metric] for candidate in report.candidates if metric in candidate.metrics}
    at = scale([rule.limit, *(end for one in found.values() for end in (one.value, one.low, one.high))])
    marks = [Mark(rule.limit, "limit")] if rule.limit is not None else []
    rows = "".join(
        _level_row(report, candidate, found[candidate.id], metric, at, marks)
        for candidate in report.candidates
        if candidate.id in found
    )
    better = "higher is better" if rule.higher_is_better else "lower is better"
    limit = (
        f"; limit: at {'least' if rule.higher_is_better else 'most'} {number(rule.limit, metric)}"
        if rule.limit is not None
        else ""
    )
    return (
        f"<figure><h3>{escape(name(metric))}</h3><figcaption>{better}, {weight(rule.weight)}{limit}</figcaption>"
        f'<div class="rows">{rows}<span class="gap"></span>{axis(at, "g")}<span class="gap"></span></div></figure>'
    )


def _level_row(
    report: Report, candidate: CandidateResult, found: MetricResult, metric: str, at: Scale, marks: list[Mark]
) -> str:
    tone = "plain" if candidate.id == report.decision.leader else "muted"
    label = f"{name(metric)} of {candidate.id}: {words(found, metric)}"
    drawn = interval(at, found.value, found.low, found.high, marks, tone, label)
    missing = (
        f"<small>{found.missing:,} of {found.n + found.missing:,} rows not scored</small>" if found.missing else ""
    )
    return _row(_named(report, candidate), drawn, f"{words(found, metric)}{missing}")


def _named(report: Report, candidate: CandidateResult) -> str:
    roles = [
        *(["judged"] if candidate.id == report.decision.leader else []),
        *(["champion"] if candidate.is_champion and candidate.id != "champion" else []),
    ]
    said = f" <small>({', '.join(roles)})</small>" if roles else ""
    return f"{text(candidate.id)}{said}"


def _model(candidate: CandidateResult) -> str:
    tuned = ", fine-tuned" if candidate.kind == "fine_tuned" else ""
    return f"{text(candidate.model_id)} {text(candidate.model_version)}{tuned}"


def categories(report: Report) -> str:
    """Where the leader is better and where it is worse."""
    details, decision = report.details, report.decision
    if details is None or not details.categories or decision.leader is None:
        return ""
    spans = [category.difference for category in details.categories if category.difference]
    if decision.compared_with is None or not spans:
        return _categories_alone(report, details.categories)
    at = scale([end for span in spans for end in (span.value, span.low, span.high)], around_zero=True)
    rows = "".join(_category_row(report, category, at) for category in details.categories)
    more = f" {details.categories_left_out} smaller categories are not shown." if details.categories_left_out else ""
    return (
        f'<section id="categories"><h2>By category</h2><p class="hint">Weighted score ({_parts(report)}) of '
        f"{text(decision.leader)} less that of {text(decision.compared_with)}. A look at where the difference comes "
        f"from: the gate does not decide by category.{more}</p>"
        f'<div class="rows two">{rows}<span class="gap"></span>{axis(at, "+.2g")}<span class="gap"></span></div>'
        "</section>"
    )


def _categories_alone(report: Report, found: list[CategoryScore]) -> str:
    leader = report.decision.leader or ""
    rows = [[text(one.category), f"{one.n:,}", number(one.scores.get(leader))] for one in found]
    return (
        f'<section id="categories"><h2>By category</h2><p class="hint">Weighted score ({_parts(report)}).</p>'
        f"{table(['Category', 'Rows', text(leader)], rows, 'By category')}</section>"
    )


def _category_row(report: Report, category: CategoryScore, at: Scale) -> str:
    span = category.difference or Span(value=None)
    tone = "muted"
    if span.low is not None and span.high is not None:
        tone = "good" if span.low > 0 else "bad" if span.high < 0 else "muted"
    pair = " against ".join(
        number(category.scores.get(candidate))
        for candidate in (report.decision.leader, report.decision.compared_with)
        if candidate
    )
    label = f"{category.category}: {words(span, signed=True)}"
    drawn = interval(at, span.value, span.low, span.high, [Mark(0, "zero")], tone, label)
    return _row(
        f"{text(category.category)}<small>{category.n:,} rows</small>",
        drawn,
        f"{words(span, signed=True)}<small>{pair}</small>",
    )


def _parts(report: Report) -> str:
    return escape(", ".join(name(metric) for metric in report.details.scored_by)) if report.details else ""


def _row(who: str, drawn: str, num: str) -> str:
    return f'<div class="who">{who}</div>{drawn}<div class="num">{num}</div>'
