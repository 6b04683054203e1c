"""From sign to sign: when people are told of a cause, again, louder, and that it is over. Rules without I/O."""

from datetime import datetime, timedelta
from typing import NamedTuple

from fmops.alerts.models import Alert, Calm, Episode, Notice, Severity, Status
from fmops.usecases.alerting import Alerting


class Rules(NamedTuple):
    """What holds for a cause now."""

    alerting: Alerting
    muted_until: datetime | None = None
    """Somebody muted the use case by hand until then, alarms and all."""

    def mutes(self, severity: Severity, now: datetime) -> bool:
        if self.muted_until is not None and now < self.muted_until:
            return True
        return self.alerting.mutes(now, alarm=severity is Severity.ALARM)


class Step(NamedTuple):
    """How a cause stands after something happened, and what people are told of it."""

    episode: Episode
    notice: Notice | None


def signed(before: Episode | None, alert: Alert, rules: Rules, now: datetime) -> Step:
    """A sign of the cause. One that was seen already, or is older than what was seen, changes nothing."""
    if before is None or (before.status is Status.RECOVERED and _is_news(before, alert.window)):
        fresh = Episode(severity=alert.severity, since=alert.window, latest=alert.window, seen_at=now)
        return followed(fresh, rules, now)
    if not _is_news(before, alert.window):
        return Step(before, None)
    rises = alert.severity.rank > before.severity.rank
    episode = before.model_copy(
        update={
            # An alarm that fades is one until it is over.
            "severity": alert.severity if rises else before.severity,
            "latest": alert.window,
            "windows": before.windows + 1,
            "calm": 0,
            "seen_at": now,
            # Whoever took care of a warning has not seen the alarm yet.
            **({"status": Status.OPEN, "acknowledged_by": None} if rises else {}),
        }
    )
    return followed(episode, rules, now)


def calmed(before: Episode, calm: Calm, rules: Rules, now: datetime) -> Step:
    """A window in which the cause did not hold."""
    if before.status.is_over or not _is_news(before, calm.window):
        return Step(before, None)
    episode = before.model_copy(update={"latest": calm.window, "calm": before.calm + 1})
    return followed(episode, rules, now)


def acknowledged(before: Episode, by: str) -> Episode:
    """Somebody takes care of it. What does not last is done with that."""
    if before.status.is_over:
        return before
    status = Status.ACKNOWLEDGED if before.lasts else Status.TOLD
    return before.model_copy(update={"status": status, "acknowledged_by": by})


def followed(before: Episode, rules: Rules, now: datetime) -> Step:
    """What is due now: also where nothing happened but that time went by."""
    if before.status.is_over:
        return Step(before, None)
    over = before.lasts and before.calm >= rules.alerting.calm_windows
    if over and before.told_at is None:
        # It came and went while it was muted.
        return Step(before.model_copy(update={"status": Status.RECOVERED}), None)
    notice = None if rules.mutes(before.severity, now) else _due(before, over, rules.alerting, now)
    return Step(before if notice is None else _told(before, notice, rules.alerting, now), notice)


def _is_news(before: Episode, window: str | None) -> bool:
    return window is not None and (before.latest is None or window > before.latest)


def _due(episode: Episode, over: bool, alerting: Alerting, now: datetime) -> Notice | None:
    if over:
        return Notice.RECOVERED
    if episode.told_at is None or episode.told_severity is None:
        return Notice.OPENED
    if episode.severity.rank > episode.told_severity.rank:
        return Notice.WORSE
    if episode.status is Status.OPEN and _is_unanswered(episode, alerting, now):
        return Notice.ESCALATED
    if episode.status is Status.ACKNOWLEDGED or not episode.lasts or episode.seen_at <= episode.told_at:
        return None
    return Notice.REPEATED if now - episode.told_at >= timedelta(hours=alerting.cool_down_hours) else None


def _is_unanswered(episode: Episode, alerting: Alerting, now: datetime) -> bool:
    """Whether an alarm is old enough for the second list. One that may be over soon waits."""
    if not alerting.escalate_to or episode.alarmed_at is None or episode.calm:
        return False
    return now - episode.alarmed_at >= timedelta(minutes=alerting.escalate_after_minutes)


def _told(before: Episode, notice: Notice, alerting: Alerting, now: datetime) -> Episode:
    alarmed_at = before.alarmed_at or (now if before.severity is Severity.ALARM else None)
    told = before.model_copy(update={"told_at": now, "told_severity": before.severity, "alarmed_at": alarmed_at})
    return told.model_copy(update={"status": _status(told, notice, alerting)})


def _status(told: Episode, notice: Notice, alerting: Alerting) -> Status:
    if notice is Notice.RECOVERED:
        return Status.RECOVERED
    may_escalate = alerting.escalate_to and told.alarmed_at is not None
    if not told.lasts and (notice is Notice.ESCALATED or not may_escalate):
        return Status.TOLD
    return Status.ESCALATED if notice is Notice.ESCALATED else told.status
