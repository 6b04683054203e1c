"""Executions are drawn as they stand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fmops_cli.picture import Stand, Step, current, draw

START = datetime(2026, 1, 1, tzinfo=UTC)


class History:
    """Events as GetExecutionHistory gives them, with their chain of previous events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, previous: int, **details: Any) -> int:
        number = len(self.events) + 1
        event = {
            "id": number,
            "type": kind,
            "previousEventId": previous,
            "timestamp": START + timedelta(seconds=number),
        }
        key = next((key for key in ("StateEntered", "StateExited") if kind.endswith(key)), kind)
        self.events.append({**event, f"{key[0].lower()}{key[1:]}EventDetails": details})
        return number

    def enter(self, kind: str, name: str, previous: int, given: Any = None) -> int:
        return self.add(f"{kind}StateEntered", previous, name=name, input=json.dumps(given))

    def leave(self, kind: str, name: str, previous: int) -> int:
        return self.add(f"{kind}StateExited", previous, name=name)

    def through(self, kind: str, name: str, previous: int, given: Any = None) -> int:
        return self.leave(kind, name, self.enter(kind, name, previous, given))


@pytest.fixture
def evaluation(repo: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads((repo / "statemachines" / "evaluation.asl.json").read_text())
    return definition


def stands(steps: tuple[Step, ...]) -> dict[str, Stand]:
    return {step.name: step.stand for step in steps}


def test_execution_that_has_not_begun_shows_the_way_that_does_the_work(evaluation: dict[str, Any]) -> None:
    steps = draw(evaluation, [], running=True)

    assert [step.name for step in steps] == [
        "PlanRun",
        "CheckApprovers",
        "AwaitTurn",
        "EvaluateCandidates",
        "EndTurn",
        "LaunchJudging",
        "RequestReviews",
        "CountVotes",
        "CompareCandidates",
        "RegisterWinner",
        "RequestApproval",
        "RecordDecision",
        "CloseRun",
    ]
    assert {step.stand for step in steps} == {Stand.WAITING}


def test_iterations_stand_each_on_their_own(evaluation: dict[str, Any]) -> None:
    history = History()
    planned = history.through("Task", "PlanRun", 0)
    routed = history.through("Choice", "IsOurs", planned)
    mapped = history.add("MapStateStarted", history.enter("Map", "EvaluateCandidates", routed), length=2)
    base = history.add("MapIterationStarted", mapped, name="EvaluateCandidates", index=0)
    tuned = history.add("MapIterationStarted", mapped, name="EvaluateCandidates", index=1)
    base = history.through("Pass", "Remember", base, {"id": "base"})
    tuned = history.through("Pass", "Remember", tuned, {"id": "tuned"})
    history.enter("Task", "StartInference", base)
    history.enter("Task", "LaunchFineTuning", tuned)

    steps = draw(evaluation, history.events, running=True)

    first, second = steps[1].lanes
    assert (first.label, second.label) == ("base", "tuned")
    assert stands(first.steps) == {
        "StartInference": Stand.CURRENT,
        "LaunchEvaluation": Stand.WAITING,
        "StopInference": Stand.WAITING,
    }
    assert stands(second.steps)["LaunchFineTuning"] is Stand.CURRENT
    assert current(steps) == "EvaluateCandidates (base: StartInference, tuned: LaunchFineTuning)"


def test_iteration_that_has_ended_waits_for_nothing(evaluation: dict[str, Any]) -> None:
    history = History()
    mapped = history.add("MapStateStarted", history.enter("Map", "EvaluateCandidates", 0), length=1)
    begun = history.add("MapIterationStarted", mapped, name="EvaluateCandidates", index=0)
    stopped = history.through("Task", "StopInference", begun, {"id": "base"})
    history.add("MapIterationSucceeded", stopped, name="EvaluateCandidates", index=0)

    [lane] = draw(evaluation, history.events, running=True)[0].lanes

    assert stands(lane.steps) == {"StopInference": Stand.DONE}


def test_caught_failure_is_shown_and_the_way_it_left_is_not_ahead_any_more(evaluation: dict[str, Any]) -> None:
    history = History()
    failed = history.add("TaskFailed", history.enter("Task", "PlanRun", 0), error="NotFound")
    explained = history.through("Pass", "Explain", history.leave("Task", "PlanRun", failed))
    history.enter("Task", "RecordFailure", explained)

    steps = draw(evaluation, history.events, running=True)

    assert stands(steps) == {"PlanRun": Stand.FAILED, "RecordFailure": Stand.CURRENT}


def test_state_that_a_map_failed_in_is_left_although_its_iteration_was_not(evaluation: dict[str, Any]) -> None:
    history = History()
    mapped = history.add("MapStateStarted", history.enter("Map", "EvaluateCandidates", 0), length=1)
    begun = history.add("MapIterationStarted", mapped, name="EvaluateCandidates", index=0)
    inside = history.enter("Task", "StopInference", begun, {"id": "base"})
    history.leave("Map", "EvaluateCandidates", history.add("MapStateFailed", inside))

    steps = draw(evaluation, history.events, running=True)

    assert steps[0].stand is Stand.FAILED
    assert stands(steps[0].lanes[0].steps) == {"StopInference": Stand.FAILED}


def test_execution_that_is_over_shows_its_end_and_nothing_ahead(evaluation: dict[str, Any]) -> None:
    history = History()
    history.enter("Succeed", "NotPromoted", history.through("Task", "PlanRun", 0))

    steps = draw(evaluation, history.events, running=False)

    assert stands(steps) == {"PlanRun": Stand.DONE, "NotPromoted": Stand.DONE}
    assert current(steps) == ""


def test_state_that_was_under_way_when_the_execution_ended_has_failed(evaluation: dict[str, Any]) -> None:
    history = History()
    history.enter("Task", "PlanRun", 0)

    assert stands(draw(evaluation, history.events, running=False)) == {"PlanRun": Stand.FAILED}


def test_branches_of_a_parallel_state_are_lanes() -> None:
    branch = {"StartAt": "A", "States": {"A": {"Type": "Task", "End": True}}}
    machine = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [branch], "End": True}}}
    history = History()
    started = history.add("ParallelStateStarted", history.enter("Parallel", "Both", 0))
    history.enter("Task", "A", started)

    steps = draw(machine, history.events, running=True)

    assert current(steps) == "Both (branch 1: A)"
