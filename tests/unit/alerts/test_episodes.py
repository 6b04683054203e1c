"""A cause from its first sign to its recovery: told, told again, louder, and over; the clock is moved."""

from datetime import UTC, datetime, timedelta

import pytest

from fmops.alerts.episodes import Rules, Step, acknowledged, calmed, followed, signed
from fmops.alerts.models import Alert, Calm, Episode, Notice, Severity, Status
from fmops.usecases.alerting import Alerting, MuteWindow

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
RULES = Rules(Alerting(cool_down_hours=6, escalate_to=["second@example.com"], escalate_after_minutes=90))
HAND_MUTED = RULES._replace(muted_until=START + timedelta(hours=3))


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def window(hour: int) -> str:
    return f"2026-11-24T{hour:02}:00Z"


def sign(hour: int | None, severity: Severity = Severity.WARNING) -> Alert:
    return Alert(
        alert_id="alert-1",
        severity=severity,
        reason="DriftDetected",
        subject="trivia: drift",
        body="b\n",
        use_case="trivia",
        run_id="watch-1",
        recipients=[],
        window=None if hour is None else window(hour),
    )


def calm(hour: int) -> Calm:
    return Calm(alert_id="alert-1", window=window(hour))


def opened(severity: Severity = Severity.WARNING, rules: Rules = RULES) -> Episode:
    return signed(None, sign(4, severity), rules, at(0)).episode


def told(step: Step) -> tuple[Status, Notice | None]:
    return step.episode.status, step.notice


def test_first_sign_opens_and_is_told() -> None:
    step = signed(None, sign(4), RULES, at(0))

    assert told(step) == (Status.OPEN, Notice.OPENED)
    assert (step.episode.since, step.episode.told_at) == (window(4), at(0))


@pytest.mark.parametrize("hour", [4, 3])
def test_a_window_that_was_seen_or_is_older_changes_nothing(hour: int) -> None:
    before = opened()

    assert signed(before, sign(hour), RULES, at(1)) == Step(before, None)


def test_what_lasts_is_told_again_when_the_cool_down_is_over_and_not_before() -> None:
    early = signed(opened(), sign(5), RULES, at(5.9))
    late = signed(early.episode, sign(6), RULES, at(6))

    assert told(early) == (Status.OPEN, None)
    assert told(late) == (Status.OPEN, Notice.REPEATED)
    assert late.episode.windows == 3


def test_time_alone_repeats_nothing() -> None:
    assert followed(opened(), RULES, at(100)).notice is None


def test_what_gets_worse_is_told_at_once_and_only_once() -> None:
    worse = signed(opened(), sign(5, Severity.ALARM), RULES, at(1))
    again = signed(worse.episode, sign(6, Severity.ALARM), RULES, at(2))

    assert told(worse) == (Status.OPEN, Notice.WORSE)
    assert again.notice is None


def test_an_alarm_that_fades_to_a_warning_and_returns_is_not_told_anew() -> None:
    faded = signed(opened(Severity.ALARM), sign(5), RULES, at(1))
    back = signed(faded.episode, sign(6, Severity.ALARM), RULES, at(1.2))

    assert (faded.episode.severity, faded.notice, back.notice) == (Severity.ALARM, None, None)


def test_an_alarm_that_nobody_acknowledges_goes_to_the_second_list_once() -> None:
    before = opened(Severity.ALARM)
    early, late = followed(before, RULES, at(1.4)), followed(before, RULES, at(1.5))

    assert early.notice is None
    assert told(late) == (Status.ESCALATED, Notice.ESCALATED)
    assert followed(late.episode, RULES, at(3)).notice is None


def test_a_warning_is_not_escalated_and_without_a_second_list_nothing_is() -> None:
    assert followed(opened(), RULES, at(50)).notice is None
    alone = Rules(Alerting())
    assert followed(opened(Severity.ALARM, alone), alone, at(50)).notice is None


def test_what_is_acknowledged_is_neither_repeated_nor_escalated_but_its_recovery_is_told() -> None:
    taken = acknowledged(opened(Severity.ALARM), "ann")
    later = signed(taken, sign(5, Severity.ALARM), RULES, at(20))
    calm_once = calmed(later.episode, calm(6), RULES, at(21))

    assert told(later) == (Status.ACKNOWLEDGED, None)
    assert followed(later.episode, RULES, at(20)).notice is None
    assert told(calmed(calm_once.episode, calm(7), RULES, at(22))) == (Status.RECOVERED, Notice.RECOVERED)


def test_what_gets_worse_after_somebody_took_care_is_open_again() -> None:
    worse = signed(acknowledged(opened(), "ann"), sign(5, Severity.ALARM), RULES, at(1))

    assert told(worse) == (Status.OPEN, Notice.WORSE)
    assert worse.episode.acknowledged_by is None


def test_recovery_takes_calm_windows_in_a_row() -> None:
    first = calmed(opened(), calm(5), RULES, at(1))
    second = calmed(first.episode, calm(6), RULES, at(2))

    assert told(first) == (Status.OPEN, None)
    assert told(second) == (Status.RECOVERED, Notice.RECOVERED)


def test_a_cause_that_flickers_stays_one_alert() -> None:
    first = calmed(opened(), calm(5), RULES, at(1))
    back = signed(first.episode, sign(6), RULES, at(2))

    assert (back.notice, back.episode.calm, back.episode.since) == (None, 0, window(4))


def test_the_same_calm_window_counts_once() -> None:
    first = calmed(opened(), calm(5), RULES, at(1))

    assert calmed(first.episode, calm(5), RULES, at(1)) == Step(first.episode, None)


def test_what_comes_back_after_its_recovery_is_told_anew() -> None:
    over = opened().model_copy(update={"status": Status.RECOVERED, "latest": window(6)})

    late, new = signed(over, sign(5), RULES, at(3)), signed(over, sign(7), RULES, at(3))

    assert late.notice is None
    assert told(new) == (Status.OPEN, Notice.OPENED)
    assert (new.episode.since, new.episode.windows) == (window(7), 1)


def test_what_happens_once_is_told_once_and_then_done() -> None:
    step = signed(None, sign(None), RULES, at(0))

    assert told(step) == (Status.TOLD, Notice.OPENED)
    assert signed(step.episode, sign(None), RULES, at(50)).notice is None


def test_an_alarm_that_happens_once_is_escalated_and_then_done() -> None:
    step = signed(None, sign(None, Severity.ALARM), RULES, at(0))
    escalated = followed(step.episode, RULES, at(2))

    assert told(step) == (Status.OPEN, Notice.OPENED)
    assert told(escalated) == (Status.TOLD, Notice.ESCALATED)
    assert acknowledged(step.episode, "ann").status is Status.TOLD


def test_muted_by_hand_nothing_is_told_until_the_end() -> None:
    silent = signed(None, sign(4, Severity.ALARM), HAND_MUTED, at(0))

    assert told(silent) == (Status.OPEN, None)
    assert followed(silent.episode, HAND_MUTED, at(2.9)).notice is None
    assert told(followed(silent.episode, HAND_MUTED, at(3))) == (Status.OPEN, Notice.OPENED)


def test_what_came_and_went_while_it_was_muted_is_never_told() -> None:
    first = calmed(opened(rules=HAND_MUTED), calm(5), HAND_MUTED, at(1))

    assert told(calmed(first.episode, calm(6), HAND_MUTED, at(2))) == (Status.RECOVERED, None)


def test_a_recovery_in_the_mute_is_told_at_its_end_if_people_knew() -> None:
    first = calmed(opened(), calm(5), HAND_MUTED, at(1))
    second = calmed(first.episode, calm(6), HAND_MUTED, at(2))

    assert told(second) == (Status.OPEN, None)
    assert told(followed(second.episode, HAND_MUTED, at(3))) == (Status.RECOVERED, Notice.RECOVERED)


@pytest.mark.parametrize(
    "alarms, severity, quiet", [(False, "WARNING", True), (False, "ALARM", False), (True, "ALARM", True)]
)
def test_a_mute_window_holds_alarms_only_where_it_says_so(alarms: bool, severity: str, quiet: bool) -> None:
    rules = Rules(Alerting(mute=[MuteWindow(start="22:00", end="06:00", alarms=alarms)]))

    assert (signed(None, sign(4, Severity(severity)), rules, at(0)).notice is None) is quiet


@pytest.mark.parametrize(
    "moment, holds",
    [
        ("2026-11-27T21:59:59", False),  # Friday
        ("2026-11-27T22:00:00", True),
        ("2026-11-28T05:59:59", True),  # Saturday, still Friday's night
        ("2026-11-28T06:00:00", False),
        ("2026-11-28T23:00:00", False),
    ],
)
def test_a_night_begins_on_its_day_and_ends_on_the_next(moment: str, holds: bool) -> None:
    friday = MuteWindow(days=["fri"], start="22:00", end="06:00")

    assert friday.holds(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is holds
