"""Announces what was written down and never reached the bus."""

from datetime import datetime, timedelta

from fmops.core.clock import parse
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger

# The one who wrote the intent announces it within seconds; only what is older was lost.
_GRACE = timedelta(minutes=1)


def announce_overdue(ledger: Ledger, emitter: Emitter, now: datetime) -> list[str]:
    """Announce every event that is overdue; their types."""
    overdue = [pending for pending in ledger.pending() if now - parse(pending.since) >= _GRACE]
    for pending in overdue:
        ledger.announce(pending.key, emitter)
    return [pending.detail_type for pending in overdue]
