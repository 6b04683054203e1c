"""Raises an alert: in the ledger once, in the mail once, on the bus once."""

import contextlib
from datetime import datetime

from fmops.alerts.models import Alert
from fmops.alerts.topic import Topic
from fmops.core.errors import AlreadyExists, StaleTransition
from fmops.core.events import AlertRaised, Emitter
from fmops.core.ledger import Key, Ledger

KIND = "alert"


def key(alert_id: str) -> Key:
    return Key(f"ALERT#{alert_id}", "ALERT")


def raise_alert(ledger: Ledger, topic: Topic, emitter: Emitter, alert: Alert, now: datetime) -> bool:
    """Tell people of a cause; whether it was news. The same cause again is told no second time.

    The mail goes out before the record says so: after a crash between the two it is sent twice rather than never.
    """
    place = key(alert.alert_id)
    with contextlib.suppress(AlreadyExists):
        ledger.put_once(place, {**alert.model_dump(mode="json"), "status": "open"}, kind=KIND, now=now)
    if ledger.require(place)["status"] != "open":
        ledger.announce(place, emitter)
        return False
    message_id = topic.send(alert)
    event = AlertRaised(
        run_id=alert.run_id,
        use_case=alert.use_case,
        alert_id=alert.alert_id,
        severity=alert.severity.value,
        reason=alert.reason,
        subject=alert.subject,
    )
    try:
        ledger.transition(place, ["open"], "sent", {"message_id": message_id}, now=now, emit=event)
    except StaleTransition:
        return False
    ledger.announce(place, emitter)
    return True
