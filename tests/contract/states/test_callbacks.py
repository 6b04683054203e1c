"""Tasks that wait for their token: answers, heartbeats, time limits, wrong tokens."""

import json
from typing import Any

import pytest

DAY = 86_400


@pytest.fixture
def tokens(function: Any) -> list[str]:
    """The tokens that the function `ask` was given, in their order."""
    given: list[str] = []
    function("ask", lambda event: given.append(event["token"]))
    return given


@pytest.fixture
def ask(call: Any) -> Any:
    def state(**more: Any) -> Any:
        return call("ask", {"token": "{% $states.context.Task.Token %}"}, wait=True, **more)

    return state


def _waiting(machines: Any, states: dict[str, Any], times: int = 1) -> str:
    execution: str = machines.start(machines.create(states))
    machines.happened(execution, "TaskSubmitted", times)
    return execution


def test_the_answer_becomes_the_result(machines: Any, tokens: list[str], ask: Any) -> None:
    execution = _waiting(machines, {"T": ask(Output="{% $states.result.decision %}")})

    machines.api.send_task_success(taskToken=tokens[0], output='{"decision": "approve"}')

    assert machines.ended(execution)["output"] == '"approve"'
    assert machines.kinds(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_an_answer_during_the_call_is_not_lost(machines: Any, function: Any, ask: Any) -> None:
    def answer(event: Any) -> None:
        machines.api.send_task_success(taskToken=event["token"], output="1")

    function("ask", answer)

    assert machines.output({"T": ask()}) == 1


def test_a_failure_has_the_error_and_cause_of_the_sender(machines: Any, tokens: list[str], ask: Any) -> None:
    states = {
        "T": ask(Catch=[{"ErrorEquals": ["CapacityError"], "Next": "S"}]),
        "S": {"Type": "Succeed"},
    }
    execution = _waiting(machines, states)

    machines.api.send_task_failure(taskToken=tokens[0], error="CapacityError", cause="no GPU")

    assert json.loads(machines.ended(execution)["output"]) == {"Error": "CapacityError", "Cause": "no GPU"}


def test_a_seven_day_approval_expires(machines: Any, tokens: list[str], ask: Any) -> None:
    states = {
        "T": ask(
            TimeoutSeconds=7 * DAY,
            Catch=[{"ErrorEquals": ["States.Timeout"], "Output": {"decision": "expired"}, "Next": "S"}],
        ),
        "S": {"Type": "Succeed"},
    }
    execution = _waiting(machines, states)
    machines.clock.advance(7 * DAY - 60)
    assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"

    machines.clock.advance(61)

    assert json.loads(machines.ended(execution)["output"]) == {"decision": "expired"}
    with pytest.raises(machines.api.exceptions.TaskTimedOut):
        machines.api.send_task_success(taskToken=tokens[0], output="{}")


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_missed_heartbeat_is_reported_as_a_timeout(machines: Any, tokens: list[str], ask: Any, name: str) -> None:
    states = {
        "T": ask(
            TimeoutSeconds=1000,
            HeartbeatSeconds="{% 50 + 50 %}",
            Catch=[{"ErrorEquals": [name], "Output": "{% $states.errorOutput.Error %}", "Next": "S"}],
        ),
        "S": {"Type": "Succeed"},
    }
    execution = _waiting(machines, states)

    machines.clock.advance(101)

    assert machines.ended(execution)["output"] == '"States.Timeout"'


def test_heartbeats_keep_a_task_alive(machines: Any, tokens: list[str], ask: Any) -> None:
    execution = _waiting(machines, {"T": ask(HeartbeatSeconds=100)})
    for _ in range(3):
        machines.clock.advance(90)
        machines.api.send_task_heartbeat(taskToken=tokens[0])
    assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"

    machines.clock.advance(101)

    assert machines.ended(execution)["error"] == "States.Timeout"


def test_heartbeats_do_not_extend_the_time_limit(machines: Any, tokens: list[str], ask: Any) -> None:
    execution = _waiting(machines, {"T": ask(TimeoutSeconds=150, HeartbeatSeconds=100)})
    machines.clock.advance(90)
    machines.api.send_task_heartbeat(taskToken=tokens[0])

    machines.clock.advance(61)

    assert machines.ended(execution)["error"] == "States.Timeout"


def test_each_attempt_has_a_new_token(machines: Any, tokens: list[str], ask: Any) -> None:
    rule = {"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1}
    execution = _waiting(machines, {"T": ask(TimeoutSeconds=10, Retry=[rule])})
    machines.clock.advance(11)
    machines.happened(execution, "TaskTimedOut")
    machines.clock.advance(2)
    machines.happened(execution, "TaskSubmitted", 2)

    with pytest.raises(machines.api.exceptions.TaskTimedOut):
        machines.api.send_task_success(taskToken=tokens[0], output="1")
    machines.api.send_task_success(taskToken=tokens[1], output="2")

    assert machines.ended(execution)["output"] == "2"


def test_a_token_answers_once(machines: Any, tokens: list[str], ask: Any) -> None:
    _waiting(machines, {"T": ask()})
    machines.api.send_task_success(taskToken=tokens[0], output="1")

    with pytest.raises(machines.api.exceptions.TaskTimedOut):
        machines.api.send_task_failure(taskToken=tokens[0])


def test_tokens_that_nobody_gave_out(machines: Any) -> None:
    with pytest.raises(machines.api.exceptions.InvalidToken):
        machines.api.send_task_heartbeat(taskToken="nonsense")
    with pytest.raises(machines.api.exceptions.TaskDoesNotExist):
        machines.api.send_task_heartbeat(taskToken="AQC" + "a" * 128)


def test_an_output_that_is_no_json_is_refused(machines: Any, tokens: list[str], ask: Any) -> None:
    _waiting(machines, {"T": ask()})

    with pytest.raises(machines.api.exceptions.InvalidOutput):
        machines.api.send_task_success(taskToken=tokens[0], output="approve")


def test_the_token_of_a_stopped_execution_is_dead(machines: Any, tokens: list[str], ask: Any) -> None:
    execution = _waiting(machines, {"T": ask()})
    machines.api.stop_execution(executionArn=execution, error="Stopped", cause="by hand")

    shown = machines.ended(execution)

    assert (shown["status"], shown["error"], shown["cause"]) == ("ABORTED", "Stopped", "by hand")
    with pytest.raises(machines.api.exceptions.TaskTimedOut):
        machines.api.send_task_success(taskToken=tokens[0], output="1")


def test_a_call_that_fails_is_no_wait(machines: Any, function: Any, ask: Any, failing: Any) -> None:
    def broken(event: Any) -> None:
        raise failing("Broken")

    function("ask", broken)

    assert machines.run({"T": ask()})["error"] == "Broken"
