"""The API through real boto3: machines, executions, history, events, express."""

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

PASS = {"P": {"Type": "Pass", "End": True}}
WAIT = {"W": {"Type": "Wait", "Seconds": 86_400, "End": True}}
FAIL = {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}
ROLE = "arn:aws:iam::123456789012:role/machine"


def _definition(states: dict[str, Any]) -> str:
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states})


# -- machines


def test_a_machine_is_described_as_it_was_made(machines: Any) -> None:
    text = _definition(PASS)
    made = machines.api.create_state_machine(name="m-1", definition=text, roleArn=ROLE)

    shown = machines.api.describe_state_machine(stateMachineArn=made["stateMachineArn"])

    assert made["stateMachineArn"] == "arn:aws:states:us-east-1:123456789012:stateMachine:m-1"
    assert (shown["definition"], shown["roleArn"], shown["type"], shown["status"]) == (text, ROLE, "STANDARD", "ACTIVE")
    assert shown["creationDate"] == made["creationDate"]


def test_making_the_same_machine_again_is_no_error(machines: Any) -> None:
    first = machines.create(PASS, name="m")

    assert machines.create(PASS, name="m") == first
    with pytest.raises(machines.api.exceptions.StateMachineAlreadyExists):
        machines.create(WAIT, name="m")


@pytest.mark.parametrize("name", ["a b", "a/b", "a*", "a:b", "a\u0001"])
def test_names_with_forbidden_characters(machines: Any, name: str) -> None:
    with pytest.raises(machines.api.exceptions.InvalidName):
        machines.create(PASS, name=name)


def test_a_definition_that_is_not_understood_is_refused_with_its_place(machines: Any) -> None:
    with pytest.raises(machines.api.exceptions.InvalidDefinition, match=r"unknown fields \['Sekonds'\] at /States/W"):
        machines.create({"W": {"Type": "Wait", "Sekonds": 1, "End": True}})


def test_a_definition_with_two_states_of_one_name_is_refused(machines: Any) -> None:
    text = '{"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": {"Type": "Succeed"}, "P": {"Type": "Fail"}}}'

    with pytest.raises(machines.api.exceptions.InvalidDefinition, match="duplicate"):
        machines.api.create_state_machine(name="m", definition=text, roleArn=ROLE)


def test_an_update_counts_for_new_executions_only(machines: Any) -> None:
    machine = machines.create(WAIT)
    old = machines.start(machine)
    machines.happened(old, "WaitStateEntered")
    updated = machines.api.update_state_machine(stateMachineArn=machine, definition=_definition(PASS))

    assert machines.ended(machines.start(machine))["status"] == "SUCCEEDED"
    assert machines.api.describe_execution(executionArn=old)["status"] == "RUNNING"
    assert machines.api.describe_state_machine(stateMachineArn=machine)["revisionId"] == updated["revisionId"]


def test_an_update_of_nothing_is_refused(machines: Any) -> None:
    with pytest.raises(machines.api.exceptions.MissingRequiredParameter):
        machines.api.update_state_machine(stateMachineArn=machines.create(PASS))


def test_a_deleted_machine_ends_its_executions_at_their_next_transition(machines: Any) -> None:
    machine = machines.create({"W": {"Type": "Wait", "Seconds": 10, "Next": "P"}, **PASS})
    execution = machines.start(machine)
    machines.happened(execution, "WaitStateEntered")
    machines.api.delete_state_machine(stateMachineArn=machine)
    with pytest.raises(machines.api.exceptions.StateMachineDeleting):
        machines.start(machine)

    machines.clock.advance(10)

    assert machines.ended(execution)["status"] == "ABORTED"
    assert machines.api.list_state_machines()["stateMachines"] == []
    with pytest.raises(machines.api.exceptions.StateMachineDoesNotExist):
        machines.api.describe_state_machine(stateMachineArn=machine)


def test_machines_are_listed_in_pages(machines: Any) -> None:
    for name in ("c", "a", "b"):
        machines.create(PASS, name=name)

    first = machines.api.list_state_machines(maxResults=2)
    rest = machines.api.list_state_machines(maxResults=2, nextToken=first["nextToken"])

    assert [each["name"] for each in first["stateMachines"] + rest["stateMachines"]] == ["a", "b", "c"]
    assert "nextToken" not in rest
    with pytest.raises(machines.api.exceptions.InvalidToken):
        machines.api.list_state_machines(nextToken="foreign")


def test_tags(machines: Any) -> None:
    machine = machines.create(PASS)
    machines.api.tag_resource(resourceArn=machine, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    machines.api.untag_resource(resourceArn=machine, tagKeys=["a"])

    assert machines.api.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "b", "value": "2"}]


def test_validation_without_making_a_machine(machines: Any) -> None:
    good = machines.api.validate_state_machine_definition(definition=_definition(PASS))
    bad = machines.api.validate_state_machine_definition(definition="{}")

    assert good["result"] == "OK"
    assert bad["result"] == "FAIL"
    assert "QueryLanguage" in bad["diagnostics"][0]["message"]


@pytest.mark.parametrize("more", [{"publish": True}, {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}])
def test_what_is_not_done_here_is_refused_loudly(machines: Any, more: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="does not implement"):
        machines.api.create_state_machine(name="m", definition=_definition(PASS), roleArn=ROLE, **more)


# -- executions


def test_starting_twice_under_one_name(machines: Any) -> None:
    machine = machines.create(WAIT)
    first = machines.start(machine, {"a": 1}, name="once")

    assert machines.start(machine, {"a": 1}, name="once") == first
    with pytest.raises(machines.api.exceptions.ExecutionAlreadyExists):
        machines.start(machine, {"a": 2}, name="once")
    machines.api.stop_execution(executionArn=first)
    with pytest.raises(machines.api.exceptions.ExecutionAlreadyExists):
        machines.start(machine, {"a": 1}, name="once")


def test_fifty_starts_at_once_under_one_name_start_one(machines: Any) -> None:
    machine = machines.create(WAIT)
    started: list[str] = []
    threads = [
        threading.Thread(target=lambda: started.append(machines.start(machine, {}, name="once"))) for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(started) == 50
    assert len(machines.api.list_executions(stateMachineArn=machine)["executions"]) == 1


@pytest.mark.parametrize("text", ["{", "NaN", ""])
def test_an_input_that_is_no_json_is_refused(machines: Any, text: str) -> None:
    with pytest.raises(machines.api.exceptions.InvalidExecutionInput):
        machines.api.start_execution(stateMachineArn=machines.create(PASS), input=text)


def test_what_is_not_there(machines: Any) -> None:
    prefix = "arn:aws:states:us-east-1:123456789012"
    with pytest.raises(machines.api.exceptions.StateMachineDoesNotExist):
        machines.start(f"{prefix}:stateMachine:none")
    with pytest.raises(machines.api.exceptions.ExecutionDoesNotExist):
        machines.api.describe_execution(executionArn=f"{prefix}:execution:m:none")
    with pytest.raises(machines.api.exceptions.InvalidArn):
        machines.api.describe_execution(executionArn="arn:aws:s3:::bucket")
    with pytest.raises(machines.api.exceptions.StateMachineDoesNotExist):
        machines.start(f"{prefix}:stateMachine:m:live")
    with pytest.raises(ParamValidationError):
        machines.api.describe_execution()


def test_executions_are_listed_newest_first_and_by_status(machines: Any) -> None:
    machine = machines.create(
        {
            "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.ok %}", "Next": "S"}], "Default": "F"},
            "S": {"Type": "Succeed"},
            "F": {"Type": "Fail"},
        }
    )
    for name, ok in (("one", True), ("two", False), ("three", True)):
        machines.ended(machines.start(machine, {"ok": ok}, name=name))

    listed = machines.api.list_executions(stateMachineArn=machine)["executions"]
    failed = machines.api.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"]

    assert [each["name"] for each in listed] == ["three", "two", "one"]
    assert [each["name"] for each in failed] == ["two"]
    assert listed[0]["stopDate"] >= listed[0]["startDate"]


def test_history_in_pages_in_reverse_and_without_data(machines: Any) -> None:
    execution = machines.start(machines.create(PASS), {"secret": "s"})
    machines.ended(execution)

    first = machines.api.get_execution_history(executionArn=execution, maxResults=3)
    rest = machines.api.get_execution_history(executionArn=execution, maxResults=3, nextToken=first["nextToken"])
    reverse = machines.api.get_execution_history(executionArn=execution, reverseOrder=True)
    bare = machines.api.get_execution_history(executionArn=execution, includeExecutionData=False)

    assert [event["id"] for event in first["events"] + rest["events"]] == [1, 2, 3, 4]
    assert [event["id"] for event in reverse["events"]] == [4, 3, 2, 1]
    assert "secret" not in json.dumps(bare["events"], default=str)
    assert "secret" in json.dumps(first["events"], default=str)
    assert first["events"][0]["executionStartedEventDetails"]["roleArn"] == ROLE


def test_assigned_variables_stand_in_the_history(machines: Any) -> None:
    execution = machines.start(machines.create({"P": {**PASS["P"], "Assign": {"x": {"a": 1}}}}))
    machines.ended(execution)

    [event] = machines.happened(execution, "PassStateExited")

    assert event["stateExitedEventDetails"]["assignedVariables"] == {"x": '{"a":1}'}


def test_metadata_only(machines: Any) -> None:
    execution = machines.start(machines.create(PASS), {"secret": "s"})
    machines.ended(execution)

    shown = machines.api.describe_execution(executionArn=execution, includedData="METADATA_ONLY")

    assert "input" not in shown
    assert "output" not in shown


def test_the_machine_of_an_execution(machines: Any) -> None:
    machine = machines.create(PASS)
    execution = machines.start(machine)

    shown = machines.api.describe_state_machine_for_execution(executionArn=execution)

    assert shown["stateMachineArn"] == machine
    assert json.loads(shown["definition"])["States"] == PASS


# -- events


@pytest.mark.parametrize(
    ("states", "end", "status"),
    [(PASS, None, "SUCCEEDED"), (FAIL, None, "FAILED"), (WAIT, "stop", "ABORTED"), (WAIT, "expire", "TIMED_OUT")],
)
def test_each_status_is_announced(machines: Any, states: dict[str, Any], end: str | None, status: str) -> None:
    execution = machines.start(machines.create(states, TimeoutSeconds=60), {"a": 1})
    if end == "stop":
        machines.api.stop_execution(executionArn=execution)
    if end == "expire":
        machines.happened(execution, "WaitStateEntered")
        machines.clock.advance(61)
    shown = machines.ended(execution)

    first, last = machines.when(lambda: machines.aws.events if len(machines.aws.events) == 2 else None)

    assert first["source"] == "aws.states"
    assert first["detail-type"] == "Step Functions Execution Status Change"
    assert (first["detail"]["status"], first["detail"]["stopDate"]) == ("RUNNING", None)
    assert first["resources"] == [execution]
    assert (last["detail"]["status"], last["detail"]["input"]) == (status, '{"a": 1}')
    assert last["detail"]["stopDate"] == round(shown["stopDate"].timestamp() * 1000)
    assert last["detail"]["output"] == shown.get("output")
    assert (last["detail"]["error"], last["detail"]["cause"]) == (shown.get("error"), shown.get("cause"))
    assert last["detail"]["stateMachineArn"] == shown["stateMachineArn"]


# -- express


def test_an_express_machine_answers_at_once(machines: Any) -> None:
    machine = machines.create({"P": {**PASS["P"], "Output": "{% $states.input.n + 1 %}"}}, type="EXPRESS")

    shown = machines.api.start_sync_execution(stateMachineArn=machine, input='{"n": 1}')

    assert (shown["status"], shown["output"]) == ("SUCCEEDED", "2")
    assert machines.aws.events == []
    with pytest.raises(machines.api.exceptions.InvalidArn):
        machines.api.describe_execution(executionArn=shown["executionArn"])


def test_a_failing_express_execution_says_why(machines: Any) -> None:
    shown = machines.api.start_sync_execution(stateMachineArn=machines.create(FAIL, type="EXPRESS"))

    assert (shown["status"], shown["error"], shown["cause"]) == ("FAILED", "E", "C")


def test_a_standard_machine_does_not_answer_at_once(machines: Any) -> None:
    with pytest.raises(machines.api.exceptions.StateMachineTypeNotSupported):
        machines.api.start_sync_execution(stateMachineArn=machines.create(PASS))


def test_express_machines_wait_for_nobody(machines: Any, call: Any) -> None:
    with pytest.raises(machines.api.exceptions.InvalidDefinition, match="waitForTaskToken"):
        machines.create({"T": call("f", wait=True)}, type="EXPRESS")


# -- many


def test_five_hundred_executions_wait_on_few_threads(machines: Any) -> None:
    machine = machines.create({"W": {"Type": "Wait", "Seconds": 86_400, "Next": "P"}, **PASS})
    before = threading.active_count()
    executions = [machines.start(machine, {"n": n}) for n in range(500)]
    machines.happened(executions[-1], "WaitStateEntered")
    assert threading.active_count() - before < 5

    machines.clock.advance(86_400)

    assert {machines.ended(execution)["status"] for execution in executions} == {"SUCCEEDED"}


def test_stopping_the_service_ends_its_threads(machines: Any) -> None:
    for _ in range(20):
        machines.start(machines.create(WAIT))
    before = time.monotonic()

    machines.aws.states.stop()

    assert not [thread.name for thread in threading.enumerate() if thread.name in ("states-loop", "states-timers")]
    assert time.monotonic() - before < 10
