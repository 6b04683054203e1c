"""Redrive: an execution goes on where it stopped."""

import json
import threading
from typing import Any

import pytest

PASS = {"Type": "Pass", "End": True}


@pytest.fixture
def broken(function: Any, failing: Any) -> dict[str, Any]:
    """A function that fails until it is repaired, and counts its calls by their payload."""
    state: dict[str, Any] = {"broken": True, "calls": []}

    def work(event: Any) -> Any:
        state["calls"].append(event)
        if state["broken"] and event != "good":
            raise failing("Broken")
        return event

    function("work", work)
    return state


def _redriven(machines: Any, execution: str) -> dict[str, Any]:
    machines.api.redrive_execution(executionArn=execution)
    shown: dict[str, Any] = machines.ended(execution)
    return shown


def test_a_redrive_begins_at_the_failed_state_with_its_input_and_variables(
    machines: Any, broken: dict[str, Any], call: Any
) -> None:
    states = {
        "First": call("work", "good", Assign={"x": 5}, Output="kept", Next="Second"),
        "Second": call("work", "{% $states.input %}", Output="{% [$states.input, $x] %}"),
    }
    execution = machines.start(machines.create(states))
    assert machines.ended(execution)["redriveStatus"] == "REDRIVABLE"
    broken["broken"] = False

    shown = _redriven(machines, execution)

    assert json.loads(shown["output"]) == ["kept", 5]
    assert shown["redriveCount"] == 1
    assert broken["calls"] == ["good", "kept", "kept"]
    assert "ExecutionRedriven" in machines.kinds(execution)


def test_only_the_failed_iterations_run_again(machines: Any, broken: dict[str, Any], call: Any) -> None:
    processor = {"StartAt": "T", "States": {"T": call("work", Output="{% $states.result.Payload %}")}}
    machine = machines.create({"M": {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 1, "End": True}})
    execution = machines.start(machine, ["good", "bad", "late"])
    machines.ended(execution)
    broken["broken"] = False

    assert json.loads(_redriven(machines, execution)["output"]) == ["good", "bad", "late"]
    assert broken["calls"] == ["good", "bad", "bad", "late"]


def test_only_the_failed_children_of_a_map_run_run_again(machines: Any, broken: dict[str, Any], call: Any) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Before",
        "States": {"Before": {"Type": "Pass", "Next": "T"}, "T": call("work", Output="{% $states.result.Payload %}")},
    }
    machine = machines.create({"M": {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 1, "End": True}})
    execution = machines.start(machine, ["good", "bad", "late"])
    machines.ended(execution)
    broken["broken"] = False

    assert json.loads(_redriven(machines, execution)["output"]) == ["good", "bad", "late"]
    assert broken["calls"] == ["good", "bad", "bad", "late"]
    [run] = machines.api.list_map_runs(executionArn=execution)["mapRuns"]
    assert machines.api.describe_map_run(mapRunArn=run["mapRunArn"])["redriveCount"] == 1
    assert "MapRunRedriven" in machines.kinds(execution)


def test_a_map_run_that_was_stopped_goes_on(machines: Any, broken: dict[str, Any], call: Any, function: Any) -> None:
    release = threading.Event()
    function("slow", lambda event: release.wait(10) and event)
    inner = {"StartAt": "I", "States": {"I": call("slow", Output="{% $states.result.Payload %}")}}
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "M2",
        "States": {"M2": {"Type": "Map", "Items": "{% [$states.input, 0] %}", "ItemProcessor": inner, "End": True}},
    }
    machine = machines.create({"M": {"Type": "Map", "ItemProcessor": processor, "End": True}})
    execution = machines.start(machine, [1, 2, 3])
    run = machines.when(lambda: machines.api.list_map_runs(executionArn=execution)["mapRuns"])[0]["mapRunArn"]
    machines.when(lambda: machines.api.describe_map_run(mapRunArn=run)["executionCounts"]["running"] == 3)
    machines.api.stop_execution(executionArn=execution)
    assert machines.ended(execution)["status"] == "ABORTED"
    assert machines.api.describe_map_run(mapRunArn=run)["executionCounts"]["aborted"] == 3
    release.set()

    assert json.loads(_redriven(machines, execution)["output"]) == [[1, 0], [2, 0], [3, 0]]


def test_a_stopped_execution_can_be_redriven(machines: Any) -> None:
    execution = machines.start(machines.create({"W": {"Type": "Wait", "Seconds": 1000, "End": True}}))
    machines.happened(execution, "WaitStateEntered")
    machines.api.stop_execution(executionArn=execution)
    machines.api.redrive_execution(executionArn=execution)
    machines.happened(execution, "WaitStateEntered", 2)

    machines.clock.advance(1000)

    assert machines.ended(execution)["status"] == "SUCCEEDED"


def test_the_time_limit_begins_anew(machines: Any) -> None:
    machine = machines.create({"W": {"Type": "Wait", "Seconds": 150, "End": True}}, TimeoutSeconds=100)
    execution = machines.start(machine)
    machines.happened(execution, "WaitStateEntered")
    machines.clock.advance(100)
    assert machines.ended(execution)["status"] == "TIMED_OUT"
    machines.api.redrive_execution(executionArn=execution)
    machines.happened(execution, "WaitStateEntered", 2)

    machines.clock.advance(99)

    assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"


def test_what_succeeded_or_is_too_old_is_not_redriven(machines: Any) -> None:
    done = machines.start(machines.create({"P": PASS}))
    machines.ended(done)
    failed = machines.start(machines.create({"F": {"Type": "Fail"}}))
    machines.ended(failed)
    machines.clock.advance(15 * 86_400)

    for execution in (done, failed):
        with pytest.raises(machines.api.exceptions.ExecutionNotRedrivable):
            machines.api.redrive_execution(executionArn=execution)
