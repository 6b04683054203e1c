"""Raises alerts: one record for each cause, and each mail once, also where two are at it at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fmops.alerts import records
from fmops.alerts.episodes import Rules, Step, acknowledged, calmed, followed, signed
from fmops.alerts.models import Alert, Calm, Episode, Notice, Status
from fmops.alerts.records import Kept, Owed
from fmops.alerts.topic import Topic
from fmops.core.errors import AlreadyExists, LedgerBusy, NotFound, StaleTransition
from fmops.core.events import AlertRaised, Emitter
from fmops.core.ledger import Ledger

LEASE = timedelta(minutes=1)
"""Whoever owes a mail for longer has died: another sends it. Longer than a function of ours runs."""
_TRIES = 5


class Desk(NamedTuple):
    """Who tells people. `rules` gives what holds for a use case now; an empty name is of none."""

    ledger: Ledger
    topic: Topic
    emitter: Emitter
    rules: Callable[[str], Rules]

    def sign(self, alert: Alert, now: datetime) -> bool:
        """A sign of a cause; whether people were told of it."""

        def step(before: Kept | None) -> Step:
            return signed(before.episode if before else None, alert, self.rules(alert.use_case), now)

        return self._take(alert.alert_id, step, now, alert)

    def calm(self, calm: Calm, now: datetime) -> bool:
        """A window without a cause; whether people were told that it has recovered."""

        def step(before: Kept | None) -> Step | None:
            return None if before is None else calmed(before.episode, calm, self.rules(before.alert.use_case), now)

        return self._take(calm.alert_id, step, now)

    def follow_up(self, now: datetime) -> list[str]:
        """What is due because time went by, and mails that were never sent; the ids of what was told."""

        def step(before: Kept | None) -> Step | None:
            return None if before is None else followed(before.episode, self.rules(before.alert.use_case), now)

        found = self.ledger.of_kind(records.OPEN_KIND)
        return [record["alert_id"] for record in found if self._take(record["alert_id"], step, now)]

    def acknowledge(self, alert_id: str, by: str, now: datetime) -> Episode:
        """Somebody takes care of it: no reminder and no escalation any more. NotFound where there is no such alert."""

        def step(before: Kept | None) -> Step | None:
            return None if before is None else Step(acknowledged(before.episode, by), None)

        self._take(alert_id, step, now)
        found = records.load(self.ledger, alert_id)
        if found is None:
            raise NotFound(f"there is no alert {alert_id}; `fmops alerts list` lists them")
        return found.episode

    def _take(
        self, alert_id: str, step: Callable[[Kept | None], Step | None], now: datetime, alert: Alert | None = None
    ) -> bool:
        """Write what follows, and send what it owes. Whoever's write counts sends; the others look again."""
        for _ in range(_TRIES):
            before = records.load(self.ledger, alert_id)
            taken = step(before)
            change = None if taken is None else _change(before, taken, alert, now)
            if change is None:
                return False
            try:
                records.write(self.ledger, before, change.after, now)
            except (AlreadyExists, StaleTransition):
                continue
            if change.mail is None:
                return False
            self._send(change.after, change.mail, now)
            return True
        raise LedgerBusy(f"the alert {alert_id} is written to by others")

    def _send(self, found: Kept, mail: Owed, now: datetime) -> None:
        second = self.rules(found.alert.use_case).alerting.escalate_to if mail.escalated else []
        try:
            self.topic.send(found.alert, found.episode, mail.notice, [*found.alert.recipients, *second])
        except Exception:
            # Nobody is at it any more: the next try need not wait for the lease.
            self._settle(found, mail, mail.model_copy(update={"at": now - LEASE}), now)
            raise
        self._settle(found, mail, None, now)
        self.ledger.announce(records.key(found.alert.alert_id), self.emitter)

    def _settle(self, found: Kept, mail: Owed, owed: Owed | None, now: datetime) -> None:
        """Write that a mail was sent, or that it is free to be sent, whatever else became of the alert meanwhile."""
        current: Kept | None = found
        while current is not None and current.owed == mail:
            after = current.model_copy(update={"owed": owed, "version": current.version + 1})
            try:
                records.write(self.ledger, current, after, now, _raised(found, mail) if owed is None else None)
            except StaleTransition:
                current = records.load(self.ledger, found.alert.alert_id)
            else:
                return


class _Change(NamedTuple):
    after: Kept
    mail: Owed | None
    """What whoever writes the change has to send."""


def _change(before: Kept | None, taken: Step, alert: Alert | None, now: datetime) -> _Change | None:
    """What is written; None where nothing is, because nothing is news or somebody else is at it."""
    owed = before.owed if before else None
    mail = None
    if taken.notice is not None:
        louder = before is not None and before.episode.status is Status.ESCALATED
        mail = Owed(notice=taken.notice, at=now, escalated=louder or taken.notice is Notice.ESCALATED)
    elif owed is not None and now - owed.at >= LEASE:
        mail = owed.model_copy(update={"at": now})
    if before is None:
        if alert is None:
            return None
        return _Change(Kept(alert=alert, episode=taken.episode, owed=mail, version=1), mail)
    is_news = taken.episode != before.episode
    if not is_news and mail is None:
        return None
    changes: dict[str, Any] = {"episode": taken.episode, "owed": mail or owed, "version": before.version + 1}
    if alert is not None and is_news:
        changes["alert"] = alert
    return _Change(before.model_copy(update=changes), mail)


def _raised(found: Kept, mail: Owed) -> AlertRaised:
    alert = found.alert
    return AlertRaised(
        run_id=alert.run_id,
        use_case=alert.use_case,
        alert_id=alert.alert_id,
        severity=found.episode.severity.value,
        reason=alert.reason,
        subject=alert.subject,
        notice=mail.notice.value,
    )
