"""The API of versions and aliases."""

from datetime import datetime
from typing import Any

from local.protocol import AwsError, Caller
from local.states.machine import Machine
from local.states.machine_operations import MachineOperations
from local.states.requests import page_of
from local.states.versions import UNQUALIFIED, Alias, Qualified, Started, Version, checked_routes


class VersionOperations(MachineOperations):
    """What comes between machines and their executions."""

    def publish_state_machine_version(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine = self.machine(request["stateMachineArn"])
        now = self._aws.clock.datetime()
        description = request.get("description", "")
        made = self._loop.run(self._published, machine, request.get("revisionId"), description, now)
        return {"stateMachineVersionArn": made.arn, "creationDate": made.created}

    def _published(self, machine: Machine, revision: str | None, description: str, now: datetime) -> Version:
        if revision not in (None, machine.revision):
            raise AwsError("ConflictException", f"The revision {revision} is not the current one of {machine.arn}")
        return machine.publish(description, now)

    def delete_state_machine_version(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine, qualifier = self._qualified(request["stateMachineVersionArn"])
        if any(
            route["stateMachineVersionArn"] == request["stateMachineVersionArn"]
            for alias in machine.aliases.values()
            for route in alias.routes
        ):
            raise AwsError("ConflictException", "The version is referenced by an alias")
        machine.versions.pop(int(qualifier), None)
        return {}

    def list_state_machine_versions(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine = self.machine(request["stateMachineArn"])
        page = page_of(sorted(machine.versions.values(), key=lambda one: -one.number), request)
        return {"stateMachineVersions": [version.shown() for version in page.entries], **page.following}

    def create_state_machine_alias(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        routes = request["routingConfiguration"]
        machine = self.machine(Qualified.of(routes[0]["stateMachineVersionArn"]).machine)
        now = self._aws.clock.datetime()
        alias = Alias(
            arn=f"{machine.arn}:{request['name']}",
            name=request["name"],
            routes=checked_routes(routes, machine.versions),
            created=now,
            updated=now,
            description=request.get("description", ""),
        )
        if alias.name in machine.aliases:
            raise AwsError("ConflictException", f"Alias already exists: '{alias.arn}'")
        machine.aliases[alias.name] = alias
        return {"stateMachineAliasArn": alias.arn, "creationDate": now}

    def update_state_machine_alias(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine, alias = self._alias(request["stateMachineAliasArn"])
        if "routingConfiguration" in request:
            alias.routes = checked_routes(request["routingConfiguration"], machine.versions)
        alias.description = request.get("description", alias.description)
        alias.updated = self._aws.clock.datetime()
        return {"updateDate": alias.updated}

    def describe_state_machine_alias(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self._alias(request["stateMachineAliasArn"])[1].shown()

    def list_state_machine_aliases(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine = self.machine(request["stateMachineArn"])
        page = page_of(sorted(machine.aliases.values(), key=lambda one: one.name), request)
        shown = [
            {"stateMachineAliasArn": alias.arn, "creationDate": alias.created, "name": alias.name}
            for alias in page.entries
        ]
        return {"stateMachineAliases": shown, **page.following}

    def delete_state_machine_alias(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine, alias = self._alias(request["stateMachineAliasArn"])
        del machine.aliases[alias.name]
        return {}

    def _qualified(self, arn: str) -> tuple[Machine, str]:
        found = Qualified.of(arn)
        if not found.qualifier:
            raise AwsError("InvalidArn", f"Invalid Arn: '{arn}' has no qualifier")
        return self.machine(found.machine), found.qualifier

    def _alias(self, arn: str) -> tuple[Machine, Alias]:
        machine, name = self._qualified(arn)
        if name not in machine.aliases:
            raise AwsError("ResourceNotFound", f"Resource not found: '{arn}'")
        return machine, machine.aliases[name]

    def _to_start(self, arn: str) -> tuple[Machine, Started]:
        """The machine that an ARN names, with the version that starts where the ARN is qualified."""
        named = Qualified.of(arn)
        machine = self.machine(named.machine)
        if not named.qualifier:
            return machine, UNQUALIFIED
        alias = machine.aliases.get(named.qualifier)
        number = Qualified.of(alias.choose()).qualifier if alias else named.qualifier
        version = machine.versions.get(int(number)) if number.isdigit() else None
        if version is None:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return machine, Started(version, alias.arn if alias else None)
