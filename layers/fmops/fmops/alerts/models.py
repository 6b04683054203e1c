"""An alert, as people get it; and how its cause stands, as the ledger keeps it."""

from datetime import datetime
from enum import StrEnum

from fmops.core.models import Ours


class Severity(StrEnum):
    INFO = "INFO"
    """Good to know."""
    WARNING = "WARNING"
    """Somebody should look at it in working hours."""
    ALARM = "ALARM"
    """Somebody should look at it now."""

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Notice(StrEnum):
    """What a mail says of a cause."""

    OPENED = "opened"
    WORSE = "worse"
    """Its severity rose."""
    REPEATED = "repeated"
    """It lasts, and the cool-down is over."""
    ESCALATED = "escalated"
    """Nobody acknowledged it: the second list is told."""
    RECOVERED = "recovered"


class Status(StrEnum):
    """How a cause stands. The transitions are in `episodes.py`."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Somebody takes care: no reminder and no escalation any more."""
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    TOLD = "told"
    """Of what happens once and does not last: nothing is left to be done."""

    @property
    def is_over(self) -> bool:
        return self in (Status.RECOVERED, Status.TOLD)


class Alert(Ours):
    """One sign of one cause, with the words that people read."""

    alert_id: str
    """The same for the same cause: a cause that comes twice is told once."""
    severity: Severity
    reason: str
    """What kind of thing happened, in one CamelCase word: an event's or an error's name."""
    subject: str
    """One line of at most 99 characters: what and where."""
    body: str
    use_case: str
    run_id: str
    recipients: list[str]
    """Addresses that are told beside the operators."""
    window: str | None = None
    """Of a cause that lasts, the window that showed it; None of what happens once."""


class Calm(Ours):
    """A window in which a cause did not hold."""

    alert_id: str
    window: str


class Episode(Ours):
    """How a cause stands, from its first sign until it has recovered."""

    status: Status = Status.OPEN
    severity: Severity
    since: str | None
    """The first window that showed it; None of what happens once."""
    latest: str | None
    """The last window that showed it, or showed that it does not hold."""
    windows: int = 1
    """How many showed it."""
    calm: int = 0
    """How many windows in a row did not show it."""
    seen_at: datetime
    told_at: datetime | None = None
    """When somebody was told last; None while it is muted."""
    told_severity: Severity | None = None
    alarmed_at: datetime | None = None
    """When it was first told as an alarm."""
    acknowledged_by: str | None = None

    @property
    def lasts(self) -> bool:
        return self.since is not None
