"""Fault 51: the monitoring schedule is disabled. The beat that stays away is an alarm; nothing released is none."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fmops.core import clock
from local.cloudwatch.alarm_records import Alarm, metric_alarm
from local.cloudwatch.store import MetricStore
from local.emf import is_emf, metrics_of
from tests.integration.account import Account
from tools.templates import read

NOW = clock.parse("2026-11-24T07:06:00Z")


def alarm(repo: Path) -> Alarm:
    """The template's own, of this stack."""
    document: dict[str, Any] = read(repo / "template.yaml")["Resources"]["MonitorSilentAlarm"]["Properties"]
    beats, _heard = document["Metrics"]
    beats["MetricStat"]["Metric"]["Dimensions"] = [{"Name": "Stack", "Value": "fmops"}]
    topic = ["arn:aws:sns:us-east-1:123456789012:alerts"]
    return metric_alarm(document | {"AlarmName": "silent", "AlarmActions": topic, "OKActions": topic}, 0)


# The test's day is not the machine's, which powertools notices.
@pytest.mark.filterwarnings("ignore:This metric doesn't meet the requirements")
def test_fault_51_a_disabled_schedule_is_an_alarm_and_an_idle_one_is_not(
    account: Account, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FMOPS_MONITORING_MACHINE", "arn:aws:states:us-east-1:123456789012:stateMachine:m")
    monkeypatch.setenv("FMOPS_STACK", "fmops")
    schedule, store = account.handler("monitoring/schedule_windows"), MetricStore()
    for hour in range(5):
        now = NOW + timedelta(hours=hour)
        monkeypatch.setattr(clock, "_source", lambda now=now: now)
        # Nothing is released yet.
        assert schedule({}, None)["targets"] == 0
    for line in filter(is_emf, capsys.readouterr().out.splitlines()):
        for key, sample in metrics_of(line):
            store.add(key, [sample])
    silent, last = alarm(repo), (NOW + timedelta(hours=4)).timestamp()

    def state(hours: int) -> str:
        """So many hours after the last beat."""
        return silent.evaluate(store, last + hours * 3600).state

    assert [state(hours) for hours in (-3, -1, 0, 1, 2)] == ["OK"] * 5
    assert [state(hours) for hours in (4, 7, 24)] == ["ALARM"] * 3
    assert silent.actions("ALARM")
