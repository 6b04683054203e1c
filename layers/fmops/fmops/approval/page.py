"""The pages of an approval: server-rendered, without scripts, readable on a phone. Every value is escaped here."""

from html import escape

from fmops.approval.models import Approval, Approver, Evidence, Row, Status
from fmops.approval.wording import clean, clean_lines, difference, interval, masked, moment
from fmops.core.clock import iso

STYLE = """
:root{color-scheme:light dark}
body{background:#fff;color:#1b1b1b}
body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.25}h2{font-size:1.1rem;margin-top:1.75rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dd{margin:0}
table{border-collapse:collapse;width:100%;overflow-wrap:normal}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid #8886;white-space:nowrap}
th bdi,thead th{white-space:normal}small{font-weight:400;opacity:.85}.scroll{overflow-x:auto}
.status{border-left:.3rem solid #57f;padding:.5rem .75rem;background:#57f2}
.problem{border-left-color:#c30;background:#c302}
fieldset{border:1px solid #8886;border-radius:.4rem;margin:1rem 0;padding:.75rem 1rem}
label{display:block;margin:.5rem 0}
input[type=text],textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}
button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#1f5fbf;color:#fff}
:focus-visible{outline:.2rem solid #e08a00;outline-offset:.1rem}code{font-size:.85em}
@media(prefers-color-scheme:dark){body{background:#141414;color:#eee}a{color:#9db8ff}}
"""

_VERBS = {
    Status.APPROVED: "approved",
    Status.REJECTED: "rejected",
    Status.EXPIRED: "closed without a decision",
    Status.SUPERSEDED: "closed, because a newer run took its place",
}


def review(
    approval: Approval, approver: Approver, report: str = "", *, problem: str = "", reason: str = "", note: str = ""
) -> str:
    """The evidence, who is asked, the status, and the form while there is something to decide.

    `report` is the address of the run's report, relative to this page.
    `problem` says what was wrong with the form that was sent, `reason` is what the approver had typed,
    `note` is what they should know first.
    """
    evidence = approval.evidence
    parts = [
        f"<h1>{_text(evidence.candidate)} for {_text(evidence.use_case)}</h1>",
        _banner(note) if note else "",
        _status(approval),
        _facts(approval, report),
        _numbers(evidence),
        _reasons(evidence),
        _asked(approval, approver),
        _form(evidence, approver, problem, reason) if _may_decide(approval, approver) else _problem(problem),
    ]
    return _page(f"Approval: {clean(evidence.candidate, 60)}", "\n".join(part for part in parts if part))


def message(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: str, longest: int = 200) -> str:
    # A right-to-left name must not turn the line around it.
    return f"<bdi>{escape(clean(text, longest))}</bdi>"


def _may_decide(approval: Approval, reader: Approver) -> bool:
    return approval.status is Status.PENDING and approval.vote_of(reader.id) is None


def _problem(text: str) -> str:
    return f'<p class="status problem" role="alert">{escape(text)}</p>' if text else ""


def _banner(text: str, kind: str = "status") -> str:
    return f'<p class="{kind}" role="status">{escape(text)}</p>'


def _status(approval: Approval) -> str:
    if approval.status is Status.PENDING:
        waits = (
            "a decision" if approval.needed == 1 else f"approvals ({approval.approvals} of {approval.needed} are there)"
        )
        return _banner(f"Waiting for {waits} until {moment(iso(approval.expires_at))}. After that it is rejected.")
    by = f" by {masked(approval.decider.address)}" if approval.decider else ""
    when = f" on {moment(iso(approval.decided_at))}" if approval.decided_at else ""
    reason = f"<br>Reason: {_lines(approval.reason)}" if approval.reason else ""
    return f'<p class="status" role="status">This was {escape(_VERBS[approval.status] + by + when)}.{reason}</p>'


def _lines(text: str) -> str:
    return "<br>".join(_text(line, 2000) for line in clean_lines(text).splitlines())


def _facts(approval: Approval, report: str) -> str:
    evidence = approval.evidence
    facts = [
        ("Verdict", f"<strong>{_text(evidence.verdict, 1000)}</strong>"),
        ("Model", _text(evidence.model)),
        ("Data", _text(evidence.dataset)),
    ]
    if evidence.cost_usd is not None:
        facts.append(("Cost", f"the evaluation cost at most {evidence.cost_usd:.2f} US dollars"))
    if report:
        words = "all numbers, examples and where they come from"
        facts.append(("Report", f'<a href="{escape(report)}">{words}</a>'))
    elif evidence.report_uri:
        facts.append(("Report", f"<code>{_text(evidence.report_uri, 1100)}</code>"))
    facts += [
        ("Digest", f"<code>{_text(approval.digest)}</code>"),
        ("Package", f"<code>{_text(approval.model_package_arn, 2048)}</code>"),
        ("Run", f"<code>{_text(evidence.run_id)}</code>"),
    ]
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"


def _reasons(evidence: Evidence) -> str:
    if not evidence.reasons:
        return ""
    items = "".join(f"<li>{_text(reason, 500)}</li>" for reason in evidence.reasons)
    return f"<h2>Why</h2>\n<ul>{items}</ul>"


def _numbers(evidence: Evidence) -> str:
    if not evidence.rows:
        return ""
    other = _text(evidence.compared_with) if evidence.compared_with else "Compared with"
    columns = ("Metric", "This model", other, "Better by", "Answers")
    head = "".join(f"<th scope=col>{column}" for column in columns)
    rows = "".join(_row(row) for row in evidence.rows)
    return (
        f"<h2>Numbers</h2>\n<p>Means over the answers, and their {evidence.confidence:.0%} intervals.</p>\n"
        '<div class="scroll" role="region" aria-label="Numbers" tabindex="0">'
        f"<table><thead><tr>{head}</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: Row) -> str:
    better = "higher is better" if row.higher_is_better else "lower is better"
    gap = _cell(difference(row.difference)) if row.difference else "none"
    share = "<br><small>of the limit</small>" if row.of_limit and row.difference else ""
    return (
        f"<tr><th scope=row>{_text(row.metric)}<br><small>{better}</small>"
        f"<td>{_cell(interval(row.winner))}<td>{_cell(interval(row.other))}<td>{gap}{share}<td>{row.items}"
    )


def _cell(text: str) -> str:
    """A number, and the interval below it."""
    value, bracket, rest = text.partition(" (")
    return f"{value}<br><small>{rest.removesuffix(')')}</small>" if bracket else value


def _asked(approval: Approval, reader: Approver) -> str:
    items = "".join(
        f"<li>{_text(masked(person.address))}{_you(person, reader)}: {_stand(approval, person)}</li>"
        for person in approval.approvers
    )
    needed = "One approval is enough" if approval.needed == 1 else f"{approval.needed} approvals are needed"
    return f"<h2>Who is asked</h2>\n<p>{needed}; one rejection rejects.</p>\n<ul>{items}</ul>"


def _you(person: Approver, reader: Approver) -> str:
    return " (you)" if person.id == reader.id else ""


def _stand(approval: Approval, person: Approver) -> str:
    """What one of those who are asked has answered."""
    vote = approval.vote_of(person.id)
    if vote is not None:
        reason = f", because: {_lines(vote.reason)}" if vote.reason else ""
        return f"{vote.decision} on {moment(iso(vote.at))}{reason}"
    silent = "has not answered" if approval.status is Status.PENDING else "did not answer"
    return silent if person.may_approve else f"submitted this run and may only reject it; {silent}"


_APPROVE = '<label><input type="radio" name="decision" value="approve" required> Approve: the model is released</label>'
_REJECT = '<label><input type="radio" name="decision" value="reject" required> Reject</label>'
# After a form that was refused the browser goes to where it is put right, below what is wrong.
_FIRST, _FOCUSED = ' name="decision"', ' autofocus name="decision"'
_CONFIRM = """<label for="confirmation">To approve, type the model's short name: <strong>{name}</strong></label>
<input type="text" id="confirmation" name="confirmation" maxlength="100" autocapitalize="none" spellcheck="false">"""
_SUBMITTED = "<p>You submitted this run: somebody else must approve it.</p>"


def _form(evidence: Evidence, reader: Approver, problem: str, reason: str) -> str:
    confirm = _CONFIRM.format(name=_text(evidence.short_name)) if reader.may_approve else _SUBMITTED
    choices = f"{_APPROVE if reader.may_approve else ''}\n{_REJECT}"
    # No action: the form is sent to the page's own address, so the link stands nowhere in the page.
    return f"""<h2>Decide</h2>
{_problem(problem)}
<form method="post" autocomplete="off">
<fieldset>
<legend>Your decision</legend>
{choices.replace(_FIRST, _FOCUSED, 1) if problem else choices}
</fieldset>
{confirm}
<label for="reason">Reason (required to reject)</label>
<textarea id="reason" name="reason" rows="3" maxlength="1000">{escape(clean_lines(reason))}</textarea>
<p><button type="submit">Send the decision</button></p>
</form>"""
