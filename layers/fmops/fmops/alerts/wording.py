"""The words of an alert: plain, on lines that nobody can break, and never a prompt or an answer."""

from typing import NamedTuple

from fmops.alerts.models import Alert, Severity
from fmops.core.ids import short_hash
from fmops.core.plain import one_line

SUBJECT_LENGTH = 99
"""SNS takes subjects of less than 100 characters."""
LINE_LENGTH = 500


class Text(NamedTuple):
    """What people read."""

    severity: Severity
    subject: str
    lines: list[str]
    cause: list[str]
    """What makes this cause another one than the last; with the reason it is the alert's identity."""
    recipients: list[str] = []
    window: str | None = None
    """Of a cause that lasts, the window that showed it."""


def alert_id(reason: str, use_case: str, cause: list[str]) -> str:
    """The same for the same cause."""
    return f"alert-{short_hash(reason, use_case, cause, length=12)}"


def alert_of(reason: str, text: Text, use_case: str, run_id: str) -> Alert:
    return Alert(
        alert_id=alert_id(reason, use_case, text.cause),
        severity=text.severity,
        reason=one_line(reason, 60),
        subject=one_line(text.subject, SUBJECT_LENGTH),
        body="\n".join(one_line(line, LINE_LENGTH) for line in text.lines) + "\n",
        use_case=use_case,
        run_id=run_id,
        recipients=text.recipients,
        window=text.window,
    )
