"""Pass, Choice, Wait, Succeed, Fail and variables, by the language's specification."""

from typing import Any

import pytest

PASS = {"Type": "Pass", "End": True}


def test_pass_hands_its_input_on(machines: Any) -> None:
    assert machines.output({"P": PASS}, {"a": [1, None, "ü"]}) == {"a": [1, None, "ü"]}


def test_no_input_means_an_empty_object(machines: Any) -> None:
    execution = machines.api.start_execution(stateMachineArn=machines.create({"P": PASS}))["executionArn"]

    assert machines.ended(execution)["output"] == "{}"


def test_output_replaces_the_input(machines: Any) -> None:
    state = {**PASS, "Output": {"twice": "{% $states.input.n * 2 %}", "list": [1, "{% $states.input.n %}"]}}

    assert machines.output({"P": state}, {"n": 21}) == {"twice": 42, "list": [1, 21]}


def test_assign_sees_variables_as_they_were_on_entry(machines: Any) -> None:
    states = {
        "Init": {"Type": "Pass", "Assign": {"x": 3, "a": 6}, "Next": "Swap"},
        "Swap": {"Type": "Pass", "Assign": {"x": "{% $a %}", "nextX": "{% $x %}"}, "Next": "Show"},
        "Show": {"Type": "Succeed", "Output": "{% [$x, $nextX] %}"},
    }

    assert machines.output(states) == [6, 3]


def test_assign_does_not_affect_the_output_of_its_own_state(machines: Any) -> None:
    states = {
        "Init": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Both"},
        "Both": {"Type": "Pass", "Assign": {"x": 2}, "Output": "{% $x %}", "End": True},
    }

    assert machines.output(states) == 1


def test_a_variable_may_hold_null(machines: Any) -> None:
    states = {
        "Init": {"Type": "Pass", "Assign": {"failure": None}, "Next": "Show"},
        "Show": {"Type": "Succeed", "Output": "{% [$failure = null, $exists($failure), $failure] %}"},
    }

    assert machines.output(states) == [True, True, None]


def test_inner_scopes_read_outer_variables_and_keep_their_own(machines: Any) -> None:
    # The specification's example for the scope of variables.
    inner = {
        "Begin": {"Type": "Pass", "Assign": {"inner": "world", "hi": "{% $outer %}"}, "Next": "End"},
        "End": {"Type": "Succeed", "Output": "{% $hi %}"},
    }
    states = {
        "Get Greeting": {"Type": "Pass", "Assign": {"outer": "hello"}, "Output": [1, 2], "Next": "Greet Everyone"},
        "Greet Everyone": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Begin", "States": inner},
            "Assign": {"outer": 2, "greetings": "{% $states.result %}"},
            "Next": "Goodbye",
        },
        "Goodbye": {"Type": "Succeed", "Output": "{% [$outer, $greetings, $exists($inner)] %}"},
    }

    assert machines.output(states) == [2, "hello", "hello", False]


def test_an_inner_scope_cannot_assign_an_outer_variable(machines: Any) -> None:
    branch = {"StartAt": "B", "States": {"B": {**PASS, "Assign": {"x": 2}}}}
    states = {
        "Init": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch], "End": True},
    }

    with pytest.raises(machines.api.exceptions.InvalidDefinition, match="inner scope cannot assign"):
        machines.create(states)


def test_choice_takes_the_first_rule_that_is_true(machines: Any) -> None:
    choices = [
        {"Condition": "{% $states.input.n > 10 %}", "Assign": {"size": "large"}, "Next": "Show"},
        {"Condition": "{% $states.input.n > 5 %}", "Assign": {"size": "middling"}, "Output": "rule", "Next": "Show"},
    ]
    states = {
        "Decide": {
            "Type": "Choice",
            "Choices": choices,
            "Default": "Show",
            "Assign": {"size": "small"},
            "Output": "none",
        },
        "Show": {"Type": "Succeed", "Output": "{% [$size, $states.input] %}"},
    }

    assert machines.output(states, {"n": 7}) == ["middling", "rule"]
    assert machines.output(states, {"n": 1}) == ["small", "none"]


def test_choice_without_a_match_and_without_default_fails(machines: Any) -> None:
    states = {"Decide": {"Type": "Choice", "Choices": [{"Condition": False, "Next": "E"}]}, "E": {"Type": "Succeed"}}

    shown = machines.run(states)

    assert (shown["status"], shown["error"]) == ("FAILED", "States.Runtime")


def test_a_condition_must_be_a_boolean(machines: Any) -> None:
    states = {
        "Decide": {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "E"}]},
        "E": {"Type": "Succeed"},
    }

    shown = machines.run(states)

    assert shown["error"] == "States.QueryEvaluationError"
    assert "Choices/0/Condition" in shown["cause"]
    assert "Expected 'boolean', but was 'string'" in shown["cause"]


def test_wait_seconds_ends_when_the_clock_says_so(machines: Any) -> None:
    machine = machines.create({"W": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": True}})
    execution = machines.start(machine, {"s": 86_400})
    machines.happened(execution, "WaitStateEntered")

    machines.clock.advance(86_399)
    assert machines.api.describe_execution(executionArn=execution)["status"] == "RUNNING"
    machines.clock.advance(1)

    assert machines.ended(execution)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("form", ["{}Z", "{}+00:00"])
def test_wait_until_a_timestamp(machines: Any, form: str) -> None:
    moment = form.format("2099-01-01T00:00:00")
    execution = machines.start(machines.create({"W": {"Type": "Wait", "Timestamp": moment, "End": True}}))
    machines.happened(execution, "WaitStateEntered")

    machines.clock.advance(80 * 366 * 86_400)

    assert machines.ended(execution)["status"] == "SUCCEEDED"


def test_wait_until_a_timestamp_that_is_past_goes_on_at_once(machines: Any) -> None:
    state = {"Type": "Wait", "Timestamp": "{% $states.input.at %}", "Output": "gone on", "End": True}

    assert machines.output({"W": state}, {"at": "2001-01-01T00:00:00Z"}) == "gone on"


def test_a_timestamp_that_is_none_fails_the_state(machines: Any) -> None:
    state = {"Type": "Wait", "Timestamp": "{% 'tomorrow' %}", "End": True}

    assert machines.run({"W": state})["error"] == "States.QueryEvaluationError"


def test_fail_gives_error_and_cause(machines: Any) -> None:
    state = {"Type": "Fail", "Error": "Run.Rejected", "Cause": "{% 'status ' & $states.input.status %}"}

    shown = machines.run({"F": state}, {"status": "bad"})

    assert (shown["status"], shown["error"], shown["cause"]) == ("FAILED", "Run.Rejected", "status bad")


def test_an_undefined_result_fails_with_its_place(machines: Any) -> None:
    execution = machines.start(machines.create({"P": {**PASS, "Output": {"a": "{% $states.input.missing %}"}}}))

    shown = machines.ended(execution)

    assert shown["error"] == "States.QueryEvaluationError"
    assert shown["cause"] == (
        "An error occurred while executing the state 'P' (entered at the event id #2). The JSONata expression "
        "'$states.input.missing' specified for the field 'Output/a' returned nothing (undefined)."
    )
    details = machines.happened(execution, "EvaluationFailed")[0]["evaluationFailedEventDetails"]
    assert (details["state"], details["location"]) == ("P", "Output/a")


def test_the_context_object_tells_about_execution_machine_and_state(machines: Any) -> None:
    state = {**PASS, "Output": "{% $states.context %}"}
    machine = machines.create({"P": state}, name="shown")

    context = machines.output({"P": state}, {"k": 1}, name="shown")

    assert context["Execution"]["Input"] == {"k": 1}
    assert context["Execution"]["RoleArn"].endswith(":role/machine")
    assert context["Execution"]["RedriveCount"] == 0
    assert context["StateMachine"] == {"Id": machine, "Name": "shown"}
    assert context["State"]["Name"] == "P"
    assert context["State"]["RetryCount"] == 0


def test_a_machine_that_never_ends_stops_at_the_history_limit(machines: Any) -> None:
    shown = machines.run(
        {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": PASS}
        | {"B": {"Type": "Choice", "Choices": [{"Condition": False, "Next": "C"}], "Default": "A"}}
    )

    assert shown["error"] == "States.Runtime"
    assert "25000" in shown["cause"]


def test_data_above_256_kib_fails_the_execution(machines: Any) -> None:
    grow = {**PASS, "Output": "{% $join($map([1..30000], function($i){'0123456789'})) %}"}

    shown = machines.run({"P": grow})

    assert shown["error"] == "States.DataLimitExceeded"


def test_a_state_that_loops_for_ever_does_not_keep_others_from_running(machines: Any) -> None:
    loop = {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "A"}], "Default": "Z"}, "Z": PASS}
    machines.start(machines.create(loop))

    assert machines.output({"P": PASS}, {"a": 1}) == {"a": 1}


def test_the_clock_of_expressions_is_the_embedded_one(machines: Any) -> None:
    machines.clock.advance(400 * 86_400)

    shown = machines.output({"P": {**PASS, "Output": "{% [$millis(), $now()] %}"}})

    assert abs(shown[0] / 1000 - machines.clock.now()) < 60
    assert shown[1][:10] == machines.clock.iso()[:10]
