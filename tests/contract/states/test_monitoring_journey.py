"""The monitoring journey's own definition, on a window without traffic: truths are read where the use case says so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

TASK = {"use_case": "trivia", "window_start": "2026-11-24T05:00:00.000Z", "window_hours": 1}
PLAN = {"outcome": "planned", "objects": 0, "bucket": "b", "key": "k", "batch": 1, "model_id": ""}


@pytest.fixture
def states(repo: Path) -> dict[str, Any]:
    text = (repo / "statemachines" / "monitoring.asl.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(re.sub(r"\$\{(\w+)\}", r"\1", text))["States"]
    return found


@pytest.fixture
def judged(function: Any) -> list[dict[str, Any]]:
    """What the last function was given."""
    return _kept(function, "JudgeWindowFunction")


def test_quality_of_an_earlier_window_reaches_the_judgement(
    machines: Any, function: Any, states: dict[str, Any], judged: list[dict[str, Any]]
) -> None:
    function("PlanWindowFunction", lambda _: {**PLAN, "truth": True})
    measured = _kept(function, "MeasureQualityFunction")

    assert machines.output(states, TASK)["verdict"] == "OK"
    assert measured[0]["task"]["window_start"] == TASK["window_start"]
    assert judged[0]["quality"]["verdict"] == "OK"


def test_without_truths_nothing_is_measured(
    machines: Any, function: Any, states: dict[str, Any], judged: list[dict[str, Any]]
) -> None:
    function("PlanWindowFunction", lambda _: {**PLAN, "truth": False})

    assert machines.output(states, TASK)["verdict"] == "OK"
    assert judged[0]["quality"] is None


def test_window_is_judged_where_the_measuring_fails_or_has_nothing_to_say(
    machines: Any, function: Any, failing: Any, states: dict[str, Any], judged: list[dict[str, Any]]
) -> None:
    def fails(_: Any) -> None:
        raise failing("WindowUnusable")

    function("PlanWindowFunction", lambda _: {**PLAN, "truth": True})
    function("MeasureQualityFunction", fails)
    assert machines.output(states, TASK)["verdict"] == "OK"
    function("MeasureQualityFunction", lambda _: None)
    assert machines.output(states, TASK)["verdict"] == "OK"

    assert [event["quality"] for event in judged] == [None, None]
    assert [event["unmeasured"] for event in judged] == ["WindowUnusable", ""]


def _kept(function: Any, name: str) -> list[dict[str, Any]]:
    """The events that a function of this name gets; it answers always the same."""
    given: list[dict[str, Any]] = []

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        given.append(event)
        return {"verdict": "OK", "records": 0, "probe_due": False}

    function(name, answer)
    return given
