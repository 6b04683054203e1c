"""The report as one HTML page that needs nothing else: no script, no network."""

from html import escape

from fmops.selection.models import CandidateResult, Check, Difference, MetricResult, Report

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}"
    "div{overflow-x:auto}.verdict{font-size:1.25rem;font-weight:600}"
)
_WORDS = {Check.PASSED: "passed", Check.FAILED: "failed", Check.CANNOT_TELL: "cannot tell"}


def page(report: Report) -> str:
    """The whole page. All that others named is escaped."""
    title = f"Evaluation {report.run_id}"
    decision = report.decision
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="verdict">{decision.verdict}: {escape(decision.sentence)}</p>',
        f"<p>Use case {escape(report.use_case)}, {escape(report.created_at)}.</p>",
        f"<p>Intervals hold at {report.confidence:.0%}.</p>",
        "<h2>Reasons</h2>",
        _table(("Condition", "Outcome"), [(check.reason, _WORDS[check.check]) for check in decision.checks])
        if decision.checks
        else f"<p>{escape('; '.join(decision.reasons))}</p>",
        "<h2>Candidates</h2>",
        _table(
            ("Rank", "Candidate", "Model", "Weighted score", *report.rules),
            [_row(candidate, list(report.rules)) for candidate in report.candidates],
        ),
    ]
    if decision.compared_with:
        body += [
            f"<h2>{escape(decision.leader or '')} against {escape(decision.compared_with)}</h2>",
            _table(("Metric", "Better by"), [(name, _number(d)) for name, d in report.differences.items()]),
        ]
    lineage = report.lineage
    body += [
        "<h2>Where it comes from</h2>",
        _table(
            ("What", "Which"),
            [
                ("Dataset", f"{lineage.dataset} {lineage.dataset_version} ({lineage.dataset_digest})"),
                ("Rows", f"{lineage.train_rows} for training, {lineage.test_rows} scored"),
                *((f"Jobs of {name}", ", ".join(jobs)) for name, jobs in lineage.jobs.items()),
                *((f"Scorer {name}", text) for name, text in lineage.scorers.items()),
            ],
        ),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>"
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"


def _row(candidate: CandidateResult, metrics: list[str]) -> tuple[str, ...]:
    utility = "not scored" if candidate.utility is None else f"{candidate.utility:.3f}"
    return (
        str(candidate.rank or "-"),
        f"{candidate.id}{' (champion)' if candidate.is_champion else ''}",
        f"{candidate.model_id} {candidate.model_version}",
        utility,
        *(_number(candidate.metrics[name]) for name in metrics),
    )


def _number(found: MetricResult | Difference) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not scored"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f}), n = {found.n}"
