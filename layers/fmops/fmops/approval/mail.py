"""The mail that asks for a decision: plain text that stands alone, with one link; and the same as HTML."""

from typing import NamedTuple

from fmops.approval import mail_html
from fmops.approval.models import Approval, Approver, Evidence, Occasion, Row
from fmops.approval.wording import clean, difference, interval, moment, number, unlinked
from fmops.core.clock import iso

_LONGEST_SUBJECT = 99
"""SNS takes subjects of less than 100 characters."""
_LONGEST_NAME = 80
_ROWS = 3
_REASONS = 5


class Mail(NamedTuple):
    """What is sent. Whoever shows no HTML reads all of it in the text."""

    subject: str
    text: str
    html: str


def write(approval: Approval, to: Approver, occasion: Occasion, url: str) -> Mail:
    """The mail with which one approver is asked or reminded; `url` is theirs alone."""
    evidence = approval.evidence
    opening = [_question(evidence), _why_this_mail(approval, to, occasion)]
    facts, reasons = _facts(approval), _reasons(evidence)
    lines = [
        *opening,
        "",
        *(f"{name + ':':<10}{value}" for name, value in facts),
        "",
        *(["Why:", *(f"  - {reason}" for reason in reasons), ""] if reasons else []),
        *_numbers(evidence),
        "See the evidence and decide (opening the page decides nothing):",
        url,
        "",
        *_closing(approval),
        "",
    ]
    html = mail_html.page(opening[0], opening[1], facts, reasons, _table(evidence), url, _closing(approval))
    return Mail(_subject(approval, occasion), "\n".join(lines), html)


def _subject(approval: Approval, occasion: Occasion) -> str:
    evidence = approval.evidence
    before = "" if occasion is Occasion.ASK else "Reminder: "
    until = f" Until {moment(iso(approval.expires_at))}"
    # The names give way: until when matters as much.
    room = (_LONGEST_SUBJECT - len(before) - len(until) - len("approve  for ?")) // 2
    asked = f"pprove {_name(evidence.candidate, room)} for {_name(evidence.use_case, room)}?"
    return f"{before}{'a' if before else 'A'}{asked}{until}"


def _question(evidence: Evidence) -> str:
    return f"May {_name(evidence.candidate)} serve {_name(evidence.use_case)}?"


def _why_this_mail(approval: Approval, to: Approver, occasion: Occasion) -> str:
    asked, needed = f"{len(approval.approvers)} people", approval.needed
    approvals = f"{needed} approval{'s are' if needed > 1 else ' is'} needed"
    match occasion:
        case Occasion.ASK:
            alone = "You are the only one who is asked"
            text = f"{alone if len(approval.approvers) == 1 else f'You are one of {asked} who are asked'}; {approvals}."
        case Occasion.REMIND:
            text = f"Half of the time to decide is over, and you have not answered; {approvals}."
        case Occasion.ESCALATE:
            text = f"Most of the time to decide is over, and too few have answered; {approvals}."
    if approval.votes:
        text += f" {approval.approvals} of {needed} {'has' if approval.approvals == 1 else 'have'} approved so far."
    if not to.may_approve:
        text += " The run was submitted by you: you may reject it, and somebody else must approve it."
    if approval.supersedes:
        text += f" This replaces the request about {_name(approval.supersedes)}, which is closed."
    return text


def _facts(approval: Approval) -> list[tuple[str, str]]:
    evidence = approval.evidence
    facts = [
        ("Verdict", _name(evidence.verdict, 300)),
        ("Model", _name(evidence.model)),
        ("Data", _name(evidence.dataset)),
    ]
    if evidence.cost_usd is not None:
        facts.append(("Cost", f"the evaluation cost at most {evidence.cost_usd:.2f} US dollars"))
    facts.append(("Until", f"{moment(iso(approval.expires_at))}; without a decision by then it is rejected"))
    return facts


def _reasons(evidence: Evidence) -> list[str]:
    """The improvement, which the gate names last, and what else there is room for."""
    last, others = evidence.reasons[-1:], evidence.reasons[:-1]
    return [_name(reason, 300) for reason in (*last, *others[: _REASONS - 1])]


def _numbers(evidence: Evidence) -> list[str]:
    rows = evidence.rows[:_ROWS]
    if not rows:
        return []
    against = f", compared with {_name(evidence.compared_with)}" if evidence.compared_with else ""
    return [
        f"What matters most (value and {evidence.confidence:.0%} interval{against}):",
        *(f"  {line}" for row in rows for line in _row(row)),
        "",
    ]


def _row(row: Row) -> list[str]:
    first = f"{_name(row.metric)}: {interval(row.winner)} over {row.items} answers, {_direction(row)}"
    if row.difference is None:
        return [first]
    before = f"before {number(row.other.value)}, " if row.other else ""
    unit = " of the limit" if row.of_limit else ""
    return [first, f"    {before}difference {difference(row.difference)}{unit}; above 0 is better"]


def _table(evidence: Evidence) -> list[list[str]]:
    """The same rows for HTML, the head first; empty where there are none."""
    rows = evidence.rows[:_ROWS]
    if not rows:
        return []
    other = _name(evidence.compared_with) if evidence.compared_with else "Compared with"
    head = ["", "This model", other, "Better by", "Answers"]
    return [
        head,
        *(
            [
                f"{_name(row.metric)} ({_direction(row)})",
                interval(row.winner),
                interval(row.other),
                f"{difference(row.difference)}{' of the limit' if row.of_limit else ''}" if row.difference else "none",
                str(row.items),
            ]
            for row in rows
        ),
    ]


def _direction(row: Row) -> str:
    return "higher is better" if row.higher_is_better else "lower is better"


def _closing(approval: Approval) -> list[str]:
    return [
        "This link is yours alone and decides in your name: please do not forward it.",
        f"Artifact: {approval.digest}",
        f"Run:      {_name(approval.run_id)}",
    ]


def _name(text: str, longest: int = _LONGEST_NAME) -> str:
    return unlinked(clean(text, longest))
