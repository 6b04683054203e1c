"""The alarms of a release: the new fleet's figures only, and a veto that lasts."""

from typing import Any

import pytest

from fmops.release.guards import Watched, alarms, latency_limit
from fmops.usecases.releasing import Guard
from tests.contract.botocore_validation import problems


def made(latency: float | None = 2000.0) -> dict[str, dict[str, Any]]:
    watched = Watched("rel-1", "trivia", "ab12-trivia", "ab12-trivia-rel-1", 0.05, latency)
    return {request["AlarmName"].rsplit("-", 1)[1]: request for request in alarms("ab12", watched, {"k": "v"})}


def test_every_request_is_one_that_aws_takes() -> None:
    for request in made().values():
        assert problems("cloudwatch", "put_metric_alarm", request) == []
        assert request["AlarmName"].startswith("ab12-rel-1-")


@pytest.mark.parametrize("name", ["errors", "latency"])
def test_only_the_new_fleet_counts(name: str) -> None:
    dimensions = {one["Name"]: one["Value"] for one in made()[name]["Dimensions"]}

    assert dimensions["EndpointConfigName"] == "ab12-trivia-rel-1"


def test_latency_is_in_microseconds() -> None:
    alarm = made()["latency"]

    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p95", 2_000_000)


def test_a_veto_is_not_taken_back_by_silence() -> None:
    assert made()["quality"]["TreatMissingData"] == "ignore"
    assert made()["errors"]["TreatMissingData"] == "notBreaching"


def test_an_unknown_latency_is_not_watched() -> None:
    assert "latency" not in made(None)


@pytest.mark.parametrize(
    ("said", "evaluated", "limit"), [(900, 50, 900), (None, 800, 1600), (None, 100, 1000), (None, None, None)]
)
def test_the_latency_limit(said: float | None, evaluated: float | None, limit: float | None) -> None:
    assert latency_limit(Guard(latency_p95_ms=said), evaluated) == limit
