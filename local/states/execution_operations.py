"""The API of executions: start, stop, redrive, history, map runs, task tokens."""

import uuid
from collections.abc import Callable
from typing import Any

from local.protocol import AwsError, Caller
from local.states import requests
from local.states.errors import StatesError
from local.states.execution import Execution
from local.states.history import without_data
from local.states.machine import Machine
from local.states.map_run import MapRun
from local.states.requests import page_of
from local.states.values import DATA_BYTES, size_of, text_of, value_of
from local.states.version_operations import VersionOperations
from local.states.versions import Qualified, Started

_HISTORY_PAGE = 100
# A stopped execution ends with the loop's next turns; this only keeps a caller from waiting for ever.
_STOP_SECONDS = 10.0


class ExecutionOperations(VersionOperations):
    """The other half of the service: everything about executions."""

    def start_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine, by = self._to_start(request["stateMachineArn"])
        execution = self._loop.run(self._started, machine, by, request)
        return {"executionArn": execution.arn, "startDate": execution.started}

    def start_sync_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        machine, by = self._to_start(request["stateMachineArn"])
        if machine.kind != "EXPRESS":
            raise AwsError(
                "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"
            )
        execution = self._loop.run(self._started, machine, by, request)
        execution.over.wait()
        shown = execution.describe()
        members = ("executionArn", "stateMachineArn", "name", "startDate", "stopDate", "status")
        texts = ("input", "inputDetails", "output", "outputDetails", "error", "cause")
        return {member: shown[member] for member in (*members, *texts) if member in shown}

    def _started(self, machine: Machine, by: Started, request: dict[str, Any]) -> Execution:
        name = requests.checked_name(request.get("name") or str(uuid.uuid4()))
        text = requests.checked_input(request.get("input", "{}"))
        express = machine.kind == "EXPRESS"
        if express:
            arn = f"{requests.PREFIX}:express:{machine.name}:{name}:{uuid.uuid4()}"
        else:
            arn = f"{requests.PREFIX}:execution:{machine.name}:{name}"
        if old := self._runtime.executions.get(arn):
            if old.status == "RUNNING" and old.input == text:
                return old
            raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        execution = Execution(self._runtime, machine, arn, name, text, express=express, by=by)
        self._runtime.executions[arn] = execution
        execution.start()
        return execution

    def _executions(self) -> list[Execution]:
        return list(self._runtime.executions.values())

    def _execution(self, arn: str) -> Execution:
        execution = self._runtime.executions.get(requests.checked_execution_arn(arn))
        if execution is None:
            raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return execution

    def describe_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        data = request.get("includedData", "ALL_DATA") == "ALL_DATA"
        return self._loop.run(lambda: execution.describe(data=data))

    def describe_state_machine_for_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        machine = execution.machine
        shown = {
            "stateMachineArn": execution.machine_arn,
            "name": machine.name,
            "definition": text_of(execution.definition),
            "roleArn": execution.role,
            "updateDate": machine.updated or machine.created,
            "loggingConfiguration": machine.logging,
            "tracingConfiguration": machine.tracing,
        }
        if execution.map_run:
            shown |= {"mapRunArn": execution.map_run.arn, "label": execution.map_run.label}
        return shown

    def list_executions(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        if ("stateMachineArn" in request) == ("mapRunArn" in request):
            raise AwsError("ValidationException", "Exactly one of stateMachineArn and mapRunArn is needed")
        wanted = self._loop.run(self._listed, request)
        page = page_of(wanted, request)
        return {"executions": [_listed_execution(execution) for execution in page.entries], **page.following}

    def _listed(self, request: dict[str, Any]) -> list[Execution]:
        """Newest first."""
        if "mapRunArn" in request:
            executions = self._map_run(request["mapRunArn"]).executions
        else:
            named = Qualified.of(request["stateMachineArn"])
            machine = self.machine(named.machine)
            if machine.kind == "EXPRESS":
                raise AwsError("StateMachineTypeNotSupported", "Executions of express state machines are not listed")
            executions = [
                each
                for each in self._executions()
                if each.machine.arn == machine.arn
                and each.map_run is None
                and (not named.qualifier or request["stateMachineArn"] in each.by.shown().values())
            ]
        status, redrive = request.get("statusFilter"), request.get("redriveFilter")
        return [
            each
            for each in reversed(executions)
            if status in (None, each.status) and redrive in (None, "REDRIVEN" if each.redrive_count else "NOT_REDRIVEN")
        ]

    def stop_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        self._loop.run(execution.abort, request.get("error"), request.get("cause"))
        execution.over.wait(_STOP_SECONDS)
        return {"stopDate": execution.stopped or self._aws.clock.datetime()}

    def redrive_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        self._loop.run(self._redrive, execution)
        return {"redriveDate": execution.redriven}

    def _redrive(self, execution: Execution) -> None:
        why = execution.why_not_redrivable()
        if execution.map_run and why is None:
            why = "Child workflow executions are redriven by their Map Run's parent execution"
        if why:
            raise AwsError("ExecutionNotRedrivable", f"Execution Not Redrivable: '{why}'")
        execution.redrive()

    def get_execution_history(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        # In the loop's thread: who sees an event may rely on what the state did with it, such as setting a timer.
        events = self._loop.run(lambda: list(execution.history.events))
        if request.get("reverseOrder"):
            events.reverse()
        page = page_of(events, request, _HISTORY_PAGE)
        shown = page.entries
        if not request.get("includeExecutionData", True):
            shown = [without_data(event) for event in shown]
        return {"events": shown, **page.following}

    # -- task tokens

    def send_task_success(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        output = request["output"]
        try:
            value = value_of(output)
        except ValueError as error:
            raise AwsError("InvalidOutput", f"Invalid Output: '{error}'") from error
        if size_of(output) > DATA_BYTES:
            raise AwsError("InvalidOutput", "Invalid Output: 'larger than 256 KiB'")
        return self._answered(self._runtime.tokens.succeed, request["taskToken"], value)

    def send_task_failure(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        error = StatesError(request.get("error") or "", request.get("cause"))
        return self._answered(self._runtime.tokens.fail, request["taskToken"], error)

    def send_task_heartbeat(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self._answered(self._runtime.tokens.heartbeat, request["taskToken"])

    def _answered(self, function: Callable[..., None], *arguments: Any) -> dict[str, Any]:
        self._loop.run(function, *arguments)
        return {}

    # -- map runs

    def _map_run(self, arn: str) -> MapRun:
        map_run = self._runtime.map_runs.get(arn)
        if map_run is None:
            raise AwsError("ResourceNotFound", f"Resource Not Found: '{arn}'")
        return map_run

    def list_map_runs(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        runs = self._loop.run(lambda: [each for each in self._runtime.map_runs.values() if each.parent is execution])
        page = page_of(runs, request)
        shown = [
            {
                "executionArn": execution.arn,
                "mapRunArn": each.arn,
                "stateMachineArn": execution.machine.arn,
                "startDate": each.started,
                **({"stopDate": each.stopped} if each.stopped else {}),
            }
            for each in page.entries
        ]
        return {"mapRuns": shown, **page.following}

    def describe_map_run(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        map_run = self._map_run(request["mapRunArn"])
        return self._loop.run(map_run.describe)


def _listed_execution(execution: Execution) -> dict[str, Any]:
    shown = execution.describe(data=False)
    members = (
        "executionArn",
        "stateMachineArn",
        "name",
        "status",
        "startDate",
        "stopDate",
        "mapRunArn",
        "stateMachineVersionArn",
        "stateMachineAliasArn",
        "redriveCount",
        "redriveDate",
    )
    return {member: shown[member] for member in members if member in shown}
