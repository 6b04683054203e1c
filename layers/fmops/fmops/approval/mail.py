"""The mail that asks for a decision: plain text that stands alone, with one link."""

from typing import NamedTuple

from fmops.approval.models import Approval, Evidence, Row
from fmops.approval.wording import clean, difference, interval, moment, unlinked
from fmops.core.clock import iso

_LONGEST_SUBJECT = 99
_ROWS = 3
_REASONS = 5


class Mail(NamedTuple):
    """What SNS is given."""

    subject: str
    text: str


def ask(approval: Approval, url: str) -> Mail:
    """The mail with which one approver is asked; `url` is theirs alone."""
    evidence = approval.evidence
    subject = clean(f"Approve {_name(evidence.candidate)} for {_name(evidence.use_case)}?", _LONGEST_SUBJECT)
    lines = [
        f"You are asked whether {_name(evidence.candidate)} may serve {_name(evidence.use_case)}.",
        "",
        f"Model:    {_name(evidence.model)}",
        f"Data:     {_name(evidence.dataset)}",
        f"Verdict:  {_name(evidence.verdict)}",
        *(f"          - {_name(reason, 300)}" for reason in evidence.reasons[:_REASONS]),
        "",
        *_numbers(evidence),
        *([f"Cost of the evaluation: at most {evidence.cost_usd:.2f} US dollars", ""] if evidence.cost_usd else []),
        f"Until {moment(iso(approval.expires_at))}; without a decision by then it is rejected.",
        "",
        "See the evidence and decide here (opening the page decides nothing):",
        url,
        "",
        "This link is yours alone and decides in your name: please do not forward it.",
        f"Artifact: {approval.digest}",
        f"Run:      {_name(evidence.run_id)}",
        "",
    ]
    return Mail(subject, "\n".join(lines))


def _numbers(evidence: Evidence) -> list[str]:
    if not evidence.rows:
        return []
    against = f", compared with {_name(evidence.compared_with)}" if evidence.compared_with else ""
    return [
        f"What matters most (value and {evidence.confidence:.0%} interval{against}):",
        *(f"  {line}" for row in evidence.rows[:_ROWS] for line in _row(row)),
        "",
    ]


def _row(row: Row) -> list[str]:
    better = "higher is better" if row.higher_is_better else "lower is better"
    first = f"{_name(row.metric)}: {interval(row.winner)} over {row.items} answers, {better}"
    if row.difference is None:
        return [first]
    return [first, f"    better by {difference(row.difference)}"]


def _name(text: str, longest: int = 80) -> str:
    return unlinked(clean(text, longest))
