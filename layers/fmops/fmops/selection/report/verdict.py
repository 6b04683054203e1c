"""The decision in one sentence, and how each condition of the gate stands."""

from html import escape

from fmops.selection.models import Against, Check, GateCheck, Report, Verdict
from fmops.selection.report.words import moment, text

_TONES = {Verdict.PROMOTE: "good", Verdict.REJECT: "bad", Verdict.INCONCLUSIVE: "open"}
_BADGES = {
    Verdict.PROMOTE: "✓ PROMOTE",
    Verdict.REJECT: "✕ REJECT",
    Verdict.INCONCLUSIVE: "? INCONCLUSIVE",
}
TONES = {Check.PASSED: "good", Check.FAILED: "bad", Check.CANNOT_TELL: "open"}
_MARKS = {Check.PASSED: "✓ passed", Check.FAILED: "✕ failed", Check.CANNOT_TELL: "? cannot tell"}
_GROUPS = (
    ("improvement", "Better as a whole"),
    ("guard", "No metric worse than its margin allows"),
    ("limit", "Within the limits"),
    ("yardstick", "Something to measure by"),
    ("judge", "Heard from the judge"),
    ("completeness", "Every row scored"),
)
_LONGEST = 600


def verdict(report: Report) -> str:
    """What an approver reads first."""
    decision, lineage = report.decision, report.lineage
    facts = [
        ("Use case", text(report.use_case)),
        ("Judged", text(decision.leader) if decision.leader else "nobody"),
        ("Compared with", _other(report)),
        ("Test rows", f"{lineage.test_rows:,}"),
        ("Data", f"{text(lineage.dataset)} {text(lineage.dataset_version)}"),
        ("Written", escape(moment(report.created_at))),
    ]
    listed = "".join(f"<div><dt>{title}</dt><dd>{value}</dd></div>" for title, value in facts)
    return (
        f'<section class="verdict {_TONES[decision.verdict]}" aria-label="Decision">'
        f'<span class="badge">{_BADGES[decision.verdict]}</span>'
        f'<p class="sentence">{text(decision.sentence, _LONGEST)}</p><dl class="facts">{listed}</dl></section>'
    )


def reasons(report: Report) -> str:
    """The gate's conditions by kind; those that did not hold stand first, complete ones are counted."""
    decision = report.decision
    if not decision.checks:
        items = "".join(f"<li>{text(reason, _LONGEST)}</li>" for reason in decision.reasons)
        return f'<section id="reasons"><h2>Reasons</h2><ul>{items}</ul></section>'
    known = {kind for kind, _ in _GROUPS}
    others = tuple((check.what, str(check.what)) for check in decision.checks if check.what not in known)
    parts = [_group(title, [c for c in decision.checks if c.what == kind]) for kind, title in (*_GROUPS, *others)]
    hint = "Each condition must hold for the whole interval. What cannot be told does not pass."
    return f'<section id="reasons"><h2>Reasons</h2><p class="hint">{hint}</p>{"".join(parts)}</section>'


def _group(title: str, checks: list[GateCheck]) -> str:
    if not checks:
        return ""
    if checks[0].what == "completeness" and all(check.check is Check.PASSED for check in checks):
        items = _item(Check.PASSED, f"all {len(checks)} score columns are complete")
    else:
        ordered = sorted(checks, key=lambda check: check.check is Check.PASSED)
        items = "".join(_item(check.check, check.reason) for check in ordered)
    return f'<h3>{escape(title)}</h3><ul class="checks">{items}</ul>'


def _item(check: Check, reason: str) -> str:
    return f'<li><span class="pill {TONES[check]}">{_MARKS[check]}</span><span>{text(reason, _LONGEST)}</span></li>'


def _other(report: Report) -> str:
    decision = report.decision
    if decision.compared_with is None:
        return "nobody: limits alone decide"
    kind = "champion" if decision.against is Against.CHAMPION else "untuned base"
    named = text(decision.compared_with)
    return named if decision.compared_with == kind else f"{named} ({kind})"
