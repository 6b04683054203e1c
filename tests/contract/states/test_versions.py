"""Versions and aliases of state machines: what runs goes on as it began, what starts is what the alias names."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

OLD = {"P": {"Type": "Pass", "Output": "old", "End": True}}
NEW = {"P": {"Type": "Pass", "Output": "new", "End": True}}
WAITS = {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "Output": "old", "End": True}}


def definition(states: dict[str, Any]) -> str:
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states})


def published(machines: Any, machine: str) -> str:
    return str(machines.api.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"])


def alias(machines: Any, *versions: str, weights: tuple[int, ...] = (100,)) -> str:
    routes = [
        {"stateMachineVersionArn": version, "weight": weight} for version, weight in zip(versions, weights, strict=True)
    ]
    made = machines.api.create_state_machine_alias(name="live", routingConfiguration=routes)
    return str(made["stateMachineAliasArn"])


def deploy(machines: Any, machine: str, live: str, states: dict[str, Any]) -> str:
    """As CloudFormation does it: the definition, its version, the alias."""
    machines.api.update_state_machine(stateMachineArn=machine, definition=definition(states))
    version = published(machines, machine)
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    machines.api.update_state_machine_alias(stateMachineAliasArn=live, routingConfiguration=routes)
    return version


def test_a_deployment_in_mid_run_harms_nothing(machines: Any) -> None:
    machine = machines.create(WAITS)
    live = alias(machines, published(machines, machine))
    running = machines.start(live)

    version = deploy(machines, machine, live, NEW)

    later = machines.ended(machines.start(live))
    machines.clock.advance(61)
    began_before = machines.ended(running)
    assert (json.loads(began_before["output"]), json.loads(later["output"])) == ("old", "new")
    assert began_before["stateMachineVersionArn"] == f"{machine}:1"
    assert (later["stateMachineVersionArn"], later["stateMachineAliasArn"]) == (version, live)
    assert later["stateMachineArn"] == machine
    assert later["executionArn"].rsplit(":", 1)[0] == machine.replace(":stateMachine:", ":execution:")


def test_an_alias_starts_what_it_names_whatever_the_machine_is_by_now(machines: Any) -> None:
    machine = machines.create(OLD)
    live = alias(machines, published(machines, machine))
    machines.api.update_state_machine(stateMachineArn=machine, definition=definition(NEW))

    by_alias, plain = machines.ended(machines.start(live)), machines.ended(machines.start(machine))

    assert (json.loads(by_alias["output"]), json.loads(plain["output"])) == ("old", "new")
    assert "stateMachineAliasArn" not in plain


def test_taking_a_deployment_back_is_one_change_of_the_alias(machines: Any) -> None:
    machine = machines.create(OLD)
    first = published(machines, machine)
    live = alias(machines, first)
    deploy(machines, machine, live, NEW)

    routes = [{"stateMachineVersionArn": first, "weight": 100}]
    machines.api.update_state_machine_alias(stateMachineAliasArn=live, routingConfiguration=routes)

    assert json.loads(machines.ended(machines.start(live))["output"]) == "old"


def test_the_event_names_version_and_alias(machines: Any) -> None:
    machine = machines.create(OLD)
    live = alias(machines, published(machines, machine))

    machines.ended(machines.start(live))

    detail = machines.aws.events[-1]["detail"]
    assert (detail["stateMachineArn"], detail["stateMachineAliasArn"]) == (machine, live)
    assert detail["stateMachineVersionArn"] == f"{machine}:1"


def test_publishing_the_same_revision_twice_gives_one_version(machines: Any) -> None:
    machine = machines.create(OLD)

    assert published(machines, machine) == published(machines, machine) == f"{machine}:1"
    machines.api.update_state_machine(stateMachineArn=machine, definition=definition(NEW))
    assert published(machines, machine) == f"{machine}:2"
    with pytest.raises(machines.api.exceptions.ConflictException):
        machines.api.publish_state_machine_version(stateMachineArn=machine, revisionId="INITIAL")


def test_executions_are_listed_by_the_alias_that_started_them(machines: Any) -> None:
    machine = machines.create(OLD)
    live = alias(machines, published(machines, machine))
    by_alias, plain = machines.start(live), machines.start(machine)
    machines.ended(by_alias)
    machines.ended(plain)

    def listed(arn: str) -> list[str]:
        return [one["executionArn"] for one in machines.api.list_executions(stateMachineArn=arn)["executions"]]

    assert listed(live) == [by_alias]
    assert listed(machine) == [plain, by_alias]


def test_an_alias_may_split_what_starts_and_must_split_all_of_it(machines: Any) -> None:
    machine = machines.create(OLD)
    first = published(machines, machine)
    machines.api.update_state_machine(stateMachineArn=machine, definition=definition(NEW))
    second = published(machines, machine)

    with pytest.raises(ClientError, match="must be 100"):
        alias(machines, first, second, weights=(50, 40))
    live = alias(machines, first, second, weights=(0, 100))

    assert json.loads(machines.ended(machines.start(live))["output"]) == "new"
    with pytest.raises(machines.api.exceptions.ConflictException):
        machines.api.delete_state_machine_version(stateMachineVersionArn=second)
