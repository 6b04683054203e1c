"""Alerts and mutes in the ledger."""

from datetime import datetime

from pydantic import Field

from fmops.alerts.models import Alert, Episode, Notice, Severity, Status
from fmops.core.clock import iso, parse
from fmops.core.events import Event
from fmops.core.ledger import Key, Ledger, Record
from fmops.core.models import Theirs

KIND = "alert"
OPEN_KIND = "alert_open"
"""Those that somebody must look at again: not over, or not told yet."""
MUTE_KIND = "mute"


class Owed(Theirs):
    """A mail that must go out, and since when somebody is at it."""

    notice: Notice
    at: datetime
    escalated: bool
    """Whether the second list gets it as well."""


class Kept(Theirs):
    """An alert as the ledger keeps it."""

    alert: Alert
    episode: Episode
    owed: Owed | None
    version: int = Field(ge=1)


def key(alert_id: str) -> Key:
    return Key(f"ALERT#{alert_id}", "ALERT")


def load(ledger: Ledger, alert_id: str) -> Kept | None:
    """The alert, or None before its first sign."""
    record = ledger.get(key(alert_id))
    return None if record is None else kept(record)


def kept(record: Record) -> Kept:
    return Kept.model_validate(record)


def members(found: Kept) -> Record:
    """The record: the whole, and beside it what lists show."""
    alert, episode = found.alert, found.episode
    shown = {name: getattr(alert, name) for name in ("alert_id", "reason", "subject", "use_case", "run_id")}
    return {
        **found.model_dump(mode="json"),
        **shown,
        "severity": episode.severity.value,
        "since": episode.since,
        "told_at": iso(episode.told_at) if episode.told_at else None,
    }


def kind(found: Kept) -> str:
    return KIND if found.episode.status.is_over and found.owed is None else OPEN_KIND


def open_by_severity(ledger: Ledger) -> dict[Severity, int]:
    """How many causes last, for each severity; what is over and only owes its mail does not count."""
    found = [record for record in ledger.of_kind(OPEN_KIND) if not Status(record["status"]).is_over]
    return {severity: sum(record["severity"] == severity for record in found) for severity in Severity}


def write(ledger: Ledger, before: Kept | None, found: Kept, now: datetime, emit: Event | None = None) -> None:
    """Write what follows from `before`. AlreadyExists or StaleTransition where somebody else was first."""
    place, record = key(found.alert.alert_id), members(found)
    if before is None:
        ledger.put_once(place, {**record, "status": found.episode.status.value}, kind=kind(found), now=now)
        return
    ledger.transition(
        place,
        [before.episode.status],
        found.episode.status,
        record,
        now=now,
        kind=kind(found),
        emit=emit,
        unchanged={"version": before.version},
    )


class Mute(Theirs):
    """Who muted a use case, until when, and why."""

    use_case: str
    until: datetime
    reason: str
    by: str


def _mute_key(use_case: str) -> Key:
    return Key(f"MUTE#{use_case}", "MUTE")


def mute(ledger: Ledger, wanted: Mute, now: datetime) -> None:
    """Only the newest counts."""
    ledger.put(_mute_key(wanted.use_case), wanted.model_dump(mode="json"), kind=MUTE_KIND, now=now)


def muted_until(ledger: Ledger, use_case: str) -> datetime | None:
    record = ledger.get(_mute_key(use_case))
    return None if record is None else parse(record["until"])
