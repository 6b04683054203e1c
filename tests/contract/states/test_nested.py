"""Executions that start executions."""

import json
from typing import Any

import pytest

PASS = {"Type": "Pass", "End": True}


@pytest.fixture
def child(machines: Any) -> str:
    return str(machines.create({"P": {**PASS, "Output": {"n": "{% $states.input.n + 1 %}"}}}, name="child"))


def _start(machine: str, pattern: str, **more: Any) -> dict[str, Any]:
    arguments = {"StateMachineArn": machine, "Input": {"n": 1}}
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    state = {"Type": "Task", "Resource": resource, "Arguments": arguments, **more}
    return state if "Next" in more else {**state, "End": True}


def test_without_a_pattern_the_parent_does_not_wait(machines: Any, child: str) -> None:
    output = machines.output({"T": _start(child, "")})

    assert output["ExecutionArn"].startswith("arn:aws:states:us-east-1:123456789012:execution:child:")
    assert output["StartDate"].endswith("Z")
    assert machines.ended(output["ExecutionArn"])["output"] == '{"n":2}'


def test_sync_gives_the_output_as_text(machines: Any, child: str) -> None:
    output = machines.output({"T": _start(child, ".sync")})

    assert (output["Status"], output["Output"], output["Input"]) == ("SUCCEEDED", '{"n":2}', '{"n":1}')
    assert isinstance(output["StartDate"], int)


def test_sync_2_gives_the_output_as_json(machines: Any, child: str) -> None:
    execution = machines.start(machines.create({"T": _start(child, ".sync:2")}))

    assert json.loads(machines.ended(execution)["output"])["Output"] == {"n": 2}
    assert "TaskSubmitted" in machines.kinds(execution)
    scheduled = machines.happened(execution, "TaskScheduled")[0]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("states", "startExecution.sync:2")


def test_a_failed_child_fails_the_task_with_its_description(machines: Any) -> None:
    failing = machines.create({"F": {"Type": "Fail", "Error": "Deep", "Cause": "down"}})
    states = {
        "T": _start(failing, ".sync:2", Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "S"}]),
        "S": {"Type": "Succeed", "Output": "{% $parse($states.input.Cause) %}"},
    }

    cause = machines.output(states)

    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Deep", "down")


@pytest.mark.parametrize("how", ["stopped", "timed out"])
def test_a_parent_that_no_longer_waits_stops_its_child(machines: Any, how: str) -> None:
    waiting = machines.create({"W": {"Type": "Wait", "Seconds": 86_400, "End": True}})
    execution = machines.start(machines.create({"T": _start(waiting, ".sync:2", TimeoutSeconds=100)}))
    submitted = machines.happened(execution, "TaskSubmitted")[0]["taskSubmittedEventDetails"]
    child = json.loads(submitted["output"])["ExecutionArn"]

    if how == "stopped":
        machines.api.stop_execution(executionArn=execution)
    else:
        machines.clock.advance(101)

    assert machines.ended(execution)["status"] == ("ABORTED" if how == "stopped" else "FAILED")
    assert machines.ended(child)["status"] == "ABORTED"


def test_a_name_that_is_taken_fails_the_task(machines: Any, child: str) -> None:
    state = _start(child, "")
    state["Arguments"] = {**state["Arguments"], "Name": "once"}
    machines.output({"T": state})
    machines.ended(f"{child.replace(':stateMachine:', ':execution:')}:once")

    shown = machines.run({"T": state})

    assert shown["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_a_child_may_answer_by_token(machines: Any) -> None:
    answering = machines.create(
        {
            "T": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
                "Arguments": {"TaskToken": "{% $states.input.token %}", "Output": "{% $string({'done': true}) %}"},
                "End": True,
            }
        }
    )
    state = _start(answering, ".waitForTaskToken")
    state["Arguments"]["Input"] = {"token": "{% $states.context.Task.Token %}"}

    assert machines.output({"T": state}) == {"done": True}
