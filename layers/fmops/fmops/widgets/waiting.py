"""What waits for a person: approvals that are open and alerts that nobody closed. Never a link that decides."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from fmops.approval.wording import masked
from fmops.core.ledger import Ledger, Record
from fmops.core.models import Theirs
from fmops.widgets.page import Context, Tone, framed, heading, link, paragraph, table, text

DOCUMENTATION = """## What waits for a person
Open approvals: who has not answered yet (masked) and until when; the link leads to the execution that waits, never to
a decision. Open alerts: since when, and whether somebody takes care. No parameters."""
ROWS, PEOPLE = 10, 4
_SOON = timedelta(days=1)
_SEVERITIES: dict[str, Tone] = {"ALARM": "bad", "WARNING": "warn"}


class Person(Theirs):
    id: str
    address: str


class Answer(Theirs):
    approver: str


class Approval(Theirs):
    run_id: str
    use_case: str
    candidate: str
    approvers: list[Person]
    votes: list[Answer] = Field(default_factory=list)
    needed: int = 1
    expires_at: datetime
    execution_arn: str = ""

    @property
    def silent(self) -> list[str]:
        """Who has not answered yet, masked."""
        answered = {vote.approver for vote in self.votes}
        return [masked(person.address) for person in self.approvers if person.id not in answered]


class Alert(Theirs):
    alert_id: str
    severity: str
    status: str
    subject: str
    created_at: str
    since: str | None = None


def draw(ledger: Ledger, context: Context, region: str, now: datetime) -> str:
    return waiting(context, ledger.of_kind("approval_open"), ledger.of_kind("alert_open"), region, now)


def waiting(context: Context, approvals: Sequence[Record], alerts: Sequence[Record], region: str, now: datetime) -> str:
    """The widget from the ledger's records."""
    read = (Approval.model_validate(record) for record in approvals)
    asked = sorted(read, key=lambda one: one.expires_at)
    open_alerts = [Alert.model_validate(record) for record in alerts]
    parts = [heading(f"Approvals ({len(asked)})")]
    parts += [_asked(asked, region, now)] if asked else [paragraph(text("Nobody is asked for anything."), "dim")]
    parts += [heading(f"Alerts ({len(open_alerts)})")]
    parts += [_alerts(open_alerts)] if open_alerts else [paragraph(text("Nothing is open."), "good")]
    return framed(context, "".join(parts))


def _asked(approvals: list[Approval], region: str, now: datetime) -> str:
    rows = [
        [
            link(f"{one.candidate} for {one.use_case}", _execution(one.execution_arn, region)),
            text(_people(one.silent)),
            text(f"{len(one.votes)} of {one.needed}"),
            _until(one.expires_at, now),
        ]
        for one in approvals[:ROWS]
    ]
    return table(["What", "Waits for", "Answers", "Until"], rows) + _more(len(approvals))


def _people(silent: list[str]) -> str:
    more = f" and {len(silent) - PEOPLE} more" if len(silent) > PEOPLE else ""
    return ", ".join(silent[:PEOPLE]) + more


def _until(expires_at: datetime, now: datetime) -> str:
    left = expires_at - now
    if left <= timedelta():
        return text("over", "bad")
    days, hours = left.days, left.seconds // 3600
    words = f"{days} d {hours} h" if days else f"{hours} h {left.seconds % 3600 // 60} min"
    return f"{text(f'{expires_at:%Y-%m-%d %H:%M}')} {text(f'in {words}', 'warn' if left <= _SOON else 'dim')}"


def _alerts(alerts: list[Alert]) -> str:
    order = sorted(alerts, key=lambda one: list(_SEVERITIES).index(one.severity) if one.severity in _SEVERITIES else 9)
    rows = [[text(one.subject), *_stand(one)] for one in order[:ROWS]]
    return table(["What", "Severity", "Since", "Stands"], rows) + _more(len(alerts))


def _stand(one: Alert) -> Iterator[str]:
    yield text(one.severity, _SEVERITIES.get(one.severity, "dim"))
    yield text((one.since or one.created_at)[:16].replace("T", " "))
    yield text(one.status, "good" if one.status == "acknowledged" else "dim")


def _more(count: int) -> str:
    return paragraph(text(f"and {count - ROWS} more"), "dim") if count > ROWS else ""


def _execution(arn: str, region: str) -> str:
    """The page of the execution that waits."""
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{arn}"
