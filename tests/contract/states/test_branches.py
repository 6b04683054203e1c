"""Parallel and inline Map."""

import threading
from typing import Any

import pytest

PASS = {"Type": "Pass", "End": True}


def _branch(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"StartAt": states[0][0], "States": dict(states)}


def _map(processor: dict[str, Any], **more: Any) -> dict[str, Any]:
    state = {"Type": "Map", "ItemProcessor": processor, **more}
    return state if "Next" in more else {**state, "End": True}


def test_parallel_gives_the_results_in_the_order_of_its_branches(machines: Any) -> None:
    state = {
        "Type": "Parallel",
        "Arguments": {"n": "{% $states.input.n + 1 %}"},
        "Branches": [
            _branch(("A", {**PASS, "Output": "{% $states.input.n %}"})),
            _branch(("B", {**PASS, "Output": "{% $states.input.n * 10 %}"})),
        ],
        "Output": {"both": "{% $states.result %}", "in": "{% $states.input.n %}"},
        "End": True,
    }

    assert machines.output({"P": state}, {"n": 1}) == {"both": [2, 20], "in": 1}


def test_branches_do_not_see_each_others_variables(machines: Any) -> None:
    first = _branch(
        ("A1", {"Type": "Pass", "Assign": {"own": "a"}, "Next": "A2"}), ("A2", {**PASS, "Output": "{% $own %}"})
    )
    second = _branch(
        ("B1", {"Type": "Pass", "Assign": {"own": "b"}, "Next": "B2"}), ("B2", {**PASS, "Output": "{% $own %}"})
    )
    states = {
        "P": {"Type": "Parallel", "Branches": [first, second], "Next": "S"},
        "S": {"Type": "Succeed", "Output": "{% [$states.input, $exists($own)] %}"},
    }

    assert machines.output(states) == ["a", "b", False]


def test_a_catch_of_a_parallel_assigns_in_the_outer_scope(machines: Any) -> None:
    branch = _branch(("F", {"Type": "Fail", "Error": "Inner", "Cause": "c"}))
    catch = [{"ErrorEquals": ["Inner"], "Assign": {"why": "{% $states.errorOutput.Cause %}"}, "Next": "S"}]
    states = {
        "P": {"Type": "Parallel", "Branches": [branch], "Catch": catch, "Next": "S"},
        "S": {"Type": "Succeed", "Output": "{% $why %}"},
    }

    assert machines.output(states) == "c"


def test_a_failing_branch_ends_its_siblings(machines: Any) -> None:
    waiting = _branch(("W", {"Type": "Wait", "Seconds": 86_400, "End": True}))
    failing = _branch(("F", {"Type": "Fail", "Error": "Inner"}))
    execution = machines.start(
        machines.create({"P": {"Type": "Parallel", "Branches": [waiting, failing], "End": True}})
    )

    assert machines.ended(execution)["error"] == "Inner"
    kinds = machines.kinds(execution)
    assert "WaitStateAborted" in kinds
    assert kinds[-2:] == ["ParallelStateFailed", "ExecutionFailed"]


@pytest.fixture
def flaky(function: Any, failing: Any) -> None:
    """A function that fails at its first call."""
    calls: list[Any] = []

    def once(event: Any) -> Any:
        calls.append(event)
        if len(calls) == 1:
            raise failing("Flaky")
        return len(calls)

    function("flaky", once)


RETRY = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1}]


def test_a_retry_of_a_parallel_runs_all_branches_again(machines: Any, flaky: None, call: Any) -> None:
    branches = [_branch(("T", call("flaky", Output="{% $states.result.Payload %}"))), _branch(("Q", PASS))]
    execution = machines.start(
        machines.create({"P": {"Type": "Parallel", "Branches": branches, "Retry": RETRY, "End": True}})
    )
    machines.happened(execution, "ParallelStateFailed")

    machines.clock.advance(1)

    assert machines.ended(execution)["output"] == "[2,{}]"
    assert machines.kinds(execution).count("ParallelStateStarted") == 2


def test_a_retry_of_a_map_runs_all_iterations_again(machines: Any, flaky: None, call: Any) -> None:
    processor = _branch(("T", call("flaky", Output="{% $states.result.Payload %}")))
    execution = machines.start(machines.create({"M": _map(processor, Retry=RETRY, MaxConcurrency=1)}), [1, 2])
    machines.happened(execution, "MapStateFailed")

    machines.clock.advance(1)

    assert machines.ended(execution)["output"] == "[2,3]"


def test_a_catch_of_a_map_sees_the_error_of_the_iteration(machines: Any) -> None:
    processor = _branch(("F", {"Type": "Fail", "Error": "{% 'E' & $string($states.input) %}"}))
    states = {
        "M": _map(processor, Catch=[{"ErrorEquals": ["E1"], "Next": "S"}], Next="S"),
        "S": {"Type": "Succeed", "Output": "{% $states.input.Error %}"},
    }

    assert machines.output(states, [1]) == "E1"


def test_the_specifications_map_example(machines: Any, function: Any, call: Any) -> None:
    function("ship-val", lambda event: {"prod": event["parcel"]["prod"], "courier": event["courier"]})
    state = _map(
        _branch(("Validate", call("ship-val", Output="{% $states.result.Payload %}"))),
        Items="{% $states.input.detail.shipped %}",
        MaxConcurrency=0,
        ItemSelector={
            "parcel": "{% $states.context.Map.Item.Value %}",
            "courier": "{% $states.input.detail.`delivery-partner` %}",
        },
        Assign={"shipped": "{% $states.result %}"},
        Next="Show",
    )
    states = {"Validate-All": state, "Show": {"Type": "Succeed", "Output": "{% $shipped %}"}}
    detail = {"delivery-partner": "UQS", "shipped": [{"prod": "R31"}, {"prod": "S39"}]}

    assert machines.output(states, {"detail": detail}) == [
        {"prod": "R31", "courier": "UQS"},
        {"prod": "S39", "courier": "UQS"},
    ]


def test_a_map_over_an_empty_array_gives_an_empty_array(machines: Any) -> None:
    assert machines.output({"M": _map(_branch(("P", PASS)))}, []) == []


def test_a_map_over_an_object_iterates_over_its_members(machines: Any) -> None:
    state = _map(
        _branch(("P", PASS)),
        Items="{% $states.input %}",
        ItemSelector="{% $states.context.Map.Item.Key & '=' & $string($states.context.Map.Item.Value) %}",
    )

    assert machines.output({"M": state}, {"a": 1, "b": 2}) == ["a=1", "b=2"]


def test_iterations_know_their_item(machines: Any) -> None:
    processor = _branch(("P", {**PASS, "Output": "{% $states.context.Map.Item.Index %}"}))

    assert machines.output({"M": _map(processor)}, ["x", "y", "z"]) == [0, 1, 2]


def test_items_that_are_no_array_fail_the_map(machines: Any) -> None:
    shown = machines.run({"M": _map(_branch(("P", PASS)), Items="{% 7 %}")})

    assert shown["error"] == "States.QueryEvaluationError"
    assert "Expected 'array', but was 'integer'" in shown["cause"]


@pytest.mark.parametrize("limit", [1, 3])
def test_max_concurrency_is_kept(machines: Any, function: Any, call: Any, limit: int) -> None:
    running, most, lock = 0, 0, threading.Lock()
    together = threading.Event()

    def work(event: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == limit:
                together.set()
        together.wait(10)
        with lock:
            running -= 1
        return event

    function("work", work)
    processor = _branch(("T", call("work", Output="{% $states.result.Payload %}")))

    state = _map(processor, Items=[1, 2, 3, 4, 5, 6], MaxConcurrency="{% $states.input.limit %}")
    output = machines.output({"M": state}, {"limit": limit})

    assert output == [1, 2, 3, 4, 5, 6]
    assert most == limit


def test_a_failing_iteration_ends_the_others(machines: Any) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 2 %}", "Next": "F"}], "Default": "W"}
    processor = _branch(
        ("C", choice), ("F", {"Type": "Fail", "Error": "Two"}), ("W", {"Type": "Wait", "Seconds": 86_400, "End": True})
    )
    execution = machines.start(machines.create({"M": _map(processor)}), [1, 2, 3])

    assert machines.ended(execution)["error"] == "Two"
    kinds = machines.kinds(execution)
    assert kinds.count("MapIterationFailed") == 1
    assert kinds.count("MapIterationAborted") == 2


def test_history_of_a_map(machines: Any) -> None:
    execution = machines.start(machines.create({"M": _map(_branch(("P", PASS)), MaxConcurrency=1)}), [1, 2])
    machines.ended(execution)

    assert machines.kinds(execution)[1:-1] == [
        "MapStateEntered",
        "MapStateStarted",
        *["MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"] * 2,
        "MapStateSucceeded",
        "MapStateExited",
    ]
    started = machines.happened(execution, "MapIterationStarted", 2)[1]["mapIterationStartedEventDetails"]
    assert started == {"name": "M", "index": 1}


def test_maps_within_maps(machines: Any) -> None:
    inner = _map(_branch(("P", {**PASS, "Output": "{% $states.input * 2 %}"})))

    assert machines.output({"Outer": _map(_branch(("Inner", inner)))}, [[1, 2], [3]]) == [[2, 4], [6]]
