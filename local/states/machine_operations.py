"""The API of state machines and their tags."""

from typing import Any

from local.protocol import Aws, AwsError, Caller, NotImplementedByEmbeddedAws
from local.states import requests
from local.states.execution import Runtime
from local.states.machine import Machine
from local.states.requests import page_of
from local.states.versions import Qualified

_LOGGING: dict[str, Any] = {"level": "OFF", "includeExecutionData": False}
_TRACING: dict[str, Any] = {"enabled": False}
_CHANGEABLE = frozenset({"definition", "roleArn", "loggingConfiguration", "tracingConfiguration"})


class MachineOperations:
    """Half of the service: everything about machines themselves."""

    def __init__(self, aws: Aws, runtime: Runtime) -> None:
        self._aws = aws
        self._runtime = runtime
        self._loop = runtime.loop
        self._machines: dict[str, Machine] = {}

    def create_state_machine(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        requests.refuse_unsupported(request)
        name = requests.checked_name(request["name"])
        kind = request.get("type", "STANDARD")
        definition = requests.checked_definition(request["definition"], express=kind == "EXPRESS")
        machine = Machine(
            aws=self._aws,
            arn=f"{requests.PREFIX}:stateMachine:{name}",
            name=name,
            kind=kind,
            role=request["roleArn"],
            text=request["definition"],
            definition=definition,
            created=self._aws.clock.datetime(),
            logging=request.get("loggingConfiguration", _LOGGING),
            tracing=request.get("tracingConfiguration", _TRACING),
            tags={tag["key"]: tag["value"] for tag in request.get("tags", [])},
        )
        kept = self._loop.run(self._keep, machine)
        return {"stateMachineArn": kept.arn, "creationDate": kept.created}

    def _keep(self, machine: Machine) -> Machine:
        old = self._machines.get(machine.arn)
        if old is None:
            self._machines[machine.arn] = machine
            return machine
        if old.deleting:
            raise AwsError("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")
        if (old.text, old.role, old.kind) != (machine.text, machine.role, machine.kind):
            raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")
        return old

    def update_state_machine(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        requests.refuse_unsupported(request)
        machine = self.machine(request["stateMachineArn"])
        if not _CHANGEABLE & set(request):
            raise AwsError(
                "MissingRequiredParameter", "Either the definition, the role ARN, or a configuration is needed"
            )
        definition = None
        if "definition" in request:
            definition = requests.checked_definition(request["definition"], express=machine.kind == "EXPRESS")
        now = self._aws.clock.datetime()
        self._loop.run(machine.update, request, definition, now)
        return {"updateDate": now, "revisionId": machine.revision}

    def describe_state_machine(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        if Qualified.of(request["stateMachineArn"]).qualifier:
            raise NotImplementedByEmbeddedAws("DescribeStateMachine of a version or an alias")
        machine = self._machines.get(requests.checked_machine_arn(request["stateMachineArn"]))
        if machine is None:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{request['stateMachineArn']}'")
        shown = {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "status": "DELETING" if machine.deleting else "ACTIVE",
            "definition": machine.text,
            "roleArn": machine.role,
            "type": machine.kind,
            "creationDate": machine.created,
            "loggingConfiguration": machine.logging,
            "tracingConfiguration": machine.tracing,
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        }
        return shown | ({"revisionId": machine.revision} if machine.updated else {})

    def delete_state_machine(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._loop.run(self._delete, requests.checked_machine_arn(request["stateMachineArn"]))
        return {}

    def _delete(self, arn: str) -> None:
        if machine := self._machines.get(arn):
            machine.deleting = True
            self._forget_deleted()

    def _forget_deleted(self) -> None:
        """A machine is gone when its last execution has ended."""
        deleting = [arn for arn, machine in self._machines.items() if machine.deleting]
        if not deleting:
            return
        running = {
            execution.machine.arn for execution in self._runtime.executions.values() if execution.status == "RUNNING"
        }
        for arn in deleting:
            if arn not in running:
                del self._machines[arn]

    def list_state_machines(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._loop.run(self._forget_deleted)
        page = page_of(sorted(self._machines.values(), key=lambda machine: machine.name), request)
        shown = [
            {
                "stateMachineArn": machine.arn,
                "name": machine.name,
                "type": machine.kind,
                "creationDate": machine.created,
            }
            for machine in page.entries
        ]
        return {"stateMachines": shown, **page.following}

    def validate_state_machine_definition(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        try:
            requests.checked_definition(request["definition"], express=request.get("type") == "EXPRESS")
        except AwsError as error:
            finding = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": error.message}
            return {"result": "FAIL", "diagnostics": [finding], "truncated": False}
        return {"result": "OK", "diagnostics": [], "truncated": False}

    def machine(self, arn: str) -> Machine:
        self._loop.run(self._forget_deleted)
        machine = self._machines.get(requests.checked_machine_arn(arn))
        if machine is None:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        if machine.deleting:
            raise AwsError("StateMachineDeleting", f"State Machine Deleting: '{arn}'")
        return machine

    # -- tags

    def tag_resource(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._tagged(request).tags.update({tag["key"]: tag["value"] for tag in request["tags"]})
        return {}

    def untag_resource(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine = self._tagged(request)
        for key in request["tagKeys"]:
            machine.tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return {"tags": [{"key": key, "value": value} for key, value in self._tagged(request).tags.items()]}

    def _tagged(self, request: dict[str, Any]) -> Machine:
        machine = self._machines.get(request["resourceArn"])
        if machine is None:
            raise AwsError("ResourceNotFound", f"Resource not found: '{request['resourceArn']}'")
        return machine
