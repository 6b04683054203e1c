"""What a judged window says of users: an alert where they dislike the answers, calm only where that is known."""

from typing import Any

from fmops.alerts.conditions import DISLIKED, monitored
from fmops.alerts.models import Alert, Calm
from fmops.alerts.wording import alert_id
from fmops.core.events import MonitoringCompleted

_CALM = alert_id(DISLIKED, "trivia", [])


def told(**said: Any) -> list[Alert | Calm]:
    window = {"run_id": "watch-1", "use_case": "trivia", "window": "2026-11-24T05:00Z", "records": 100}
    return list(monitored(MonitoringCompleted.model_validate({**window, **said})))


def test_users_who_dislike_the_answers_are_an_alert_with_numbers() -> None:
    reasons = ["users: 60.0% thumbs down [49.7%, 69.7%]; the limit is 20.0%", "prompt words moved"]
    (alert, *_) = told(verdict="ALARM", holds=["feedback"], reasons=reasons)

    assert isinstance(alert, Alert)
    assert (alert.reason, alert.severity) == (DISLIKED, "ALARM")
    assert reasons[0] in alert.body
    assert reasons[1] not in alert.body


def test_users_are_heard_where_the_window_cannot_be_judged() -> None:
    found = told(verdict="INSUFFICIENT_DATA", holds=["feedback"], reasons=["users: 60.0% thumbs down"])

    assert DISLIKED in [alert.reason for alert in found if isinstance(alert, Alert)]


def test_too_few_votes_end_no_alert_and_enough_content_ones_do() -> None:
    silent, content = told(verdict="OK", unknown=["feedback"]), told(verdict="OK")

    assert _CALM not in [calm.alert_id for calm in silent if isinstance(calm, Calm)]
    assert _CALM in [calm.alert_id for calm in content if isinstance(calm, Calm)]
