"""An alert, as people get it and as the ledger keeps it."""

from enum import StrEnum

from fmops.core.models import Ours


class Severity(StrEnum):
    INFO = "INFO"
    """Good to know."""
    WARNING = "WARNING"
    """Somebody should look at it in working hours."""
    ALARM = "ALARM"
    """Somebody should look at it now."""


class Alert(Ours):
    """One message about one cause."""

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
