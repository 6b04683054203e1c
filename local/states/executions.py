"""The executions that a local run keeps on disk: taken down while they go on, put back as records after a restart."""

from collections.abc import Callable, Mapping
from typing import Any

from local.states.execution import KEPT, Execution, Runtime
from local.states.machine import Machine

Mark = tuple[object, ...]
_LOST = "The local run was killed while the execution was running."


class Executions:
    """Children of distributed maps are left out: their results are the map's."""

    def __init__(self, runtime: Runtime, machines: Mapping[str, Machine]) -> None:
        self._runtime = runtime
        self._machines = machines

    def kept(self, known: Callable[[str, Mark], bool]) -> dict[str, tuple[Mark, dict[str, Any] | None]]:
        """What tells each execution's state, and its record; None for one whose mark is `known`."""
        return self._runtime.loop.run(self._kept, known)

    def put_back(self, records: list[dict[str, Any]]) -> None:
        """Those of machines that are no more are dropped."""
        self._runtime.loop.run(self._put_back, sorted(records, key=lambda record: record["started"]))

    def abort_lost(self) -> None:
        """End what ran when it was taken down, as StopExecution does."""
        self._runtime.loop.run(self._abort_lost)

    def _kept(self, known: Callable[[str, Mark], bool]) -> dict[str, tuple[Mark, dict[str, Any] | None]]:
        found: dict[str, tuple[Mark, dict[str, Any] | None]] = {}
        for arn, each in self._runtime.executions.items():
            if each.map_run is None:
                mark = (each.status, len(each.history.events), each.redrive_count)
                found[arn] = (mark, None if known(arn, mark) else _record(each))
        return found

    def _put_back(self, records: list[dict[str, Any]]) -> None:
        machines, running = self._machines, self._runtime.executions
        back = {
            record["arn"]: Execution.put_back(self._runtime, machines[record["machine"]], record)
            for record in records
            if record["machine"] in machines
        }
        self._runtime.executions = back | running

    def _abort_lost(self) -> None:
        for execution in list(self._runtime.executions.values()):
            if execution.lost and execution.status == "RUNNING":
                execution.close_lost(_LOST)


def _record(execution: Execution) -> dict[str, Any]:
    members = {name: getattr(execution, name) for name in KEPT}
    return {
        **members,
        "by": execution.by.shown(),
        "machine": execution.machine.arn,
        "events": list(execution.history.events),
    }
