"""One execution: its record, its life from start to end, and its redrive."""

import asyncio
import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from local.clock import Clock
from local.protocol import Aws
from local.states import history
from local.states.errors import RUNTIME, TIMEOUT, ExecutionFailure, StatesError
from local.states.interpreter import run_line
from local.states.line import Line
from local.states.loop import Loop
from local.states.tokens import Tokens
from local.states.values import text_of, value_of
from local.states.versions import UNQUALIFIED, Started

if TYPE_CHECKING:
    from local.states.machine import Machine
    from local.states.map_run import MapRun

logger = logging.getLogger(__name__)

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]

EXPRESS_SECONDS = 300
REDRIVE_DAYS = 14

KEPT = (
    "arn",
    "name",
    "input",
    "express",
    "started",
    "stopped",
    "status",
    "output",
    "error",
    "cause",
    "redrive_count",
    "redriven",
)
"""The members that outlive the process, where a local run keeps its state."""

_CLOSING_EVENTS: dict[Status, str] = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "TIMED_OUT": "ExecutionTimedOut",
    "ABORTED": "ExecutionAborted",
}


@dataclass
class Runtime:
    """What all executions share."""

    aws: Aws
    loop: Loop
    tokens: Tokens
    executions: "dict[str, Execution]" = field(default_factory=dict)
    map_runs: "dict[str, MapRun]" = field(default_factory=dict)


class Execution:
    """Changed in the loop's thread only; other threads may read it."""

    def __init__(
        self,
        runtime: Runtime,
        machine: "Machine",
        arn: str,
        name: str,
        text: str,
        *,
        express: bool = False,
        map_run: "MapRun | None" = None,
        processor: dict[str, Any] | None = None,
        by: Started = UNQUALIFIED,
    ) -> None:
        """`map_run` and `processor` belong to a child of a distributed map."""
        self.runtime = runtime
        self.machine = machine
        self.by = by
        begun = by.version or machine
        self.role = begun.role
        self.definition = processor or begun.definition
        self.express = express
        self.map_run = map_run
        self.arn = arn
        self.name = name
        self.input = text
        self.started = _now(self.clock)
        self.stopped: datetime | None = None
        self.status: Status = "RUNNING"
        self.output: str | None = None
        self.error: str | None = None
        self.cause: str | None = None
        self.redrive_count = 0
        self.redriven: datetime | None = None
        self.history = history.History(self.clock)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.over = threading.Event()
        """Set while the execution does not run, for threads that wait for its end."""
        self.is_ending = False
        """Whether the whole execution is being stopped, not only a branch of it."""
        self.lost = False
        """Whether it was put back after a restart: its record is there, what it was doing is not."""
        self._verdict: tuple[Status, str | None, str | None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._root = self._new_root()

    @classmethod
    def put_back(cls, runtime: Runtime, machine: "Machine", record: dict[str, Any]) -> "Execution":
        """The execution that a record of its `KEPT` members and its events tells of."""
        version = machine.version_of(record["by"]["stateMachineVersionArn"])
        by = Started(version, record["by"]["stateMachineAliasArn"])
        found = cls(runtime, machine, record["arn"], record["name"], record["input"], by=by)
        for name in KEPT:
            setattr(found, name, record[name])
        found.history.events = record["events"]
        found.lost = True
        found.over.set()
        return found

    def close_lost(self, cause: str) -> None:
        """End an execution that nothing moves on any more."""
        self._root.last = len(self.history.events)
        self._close("ABORTED", cause=cause)

    @property
    def loop(self) -> Loop:
        return self.runtime.loop

    @property
    def clock(self) -> Clock:
        return self.runtime.loop.clock

    @property
    def machine_arn(self) -> str:
        return self.map_run.child_machine_arn if self.map_run else self.machine.arn

    def _new_root(self) -> Line:
        value = value_of(self.input)
        started = self.started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        about = {
            "Id": self.arn,
            "Input": value,
            "Name": self.name,
            "RoleArn": self.role,
            "StartTime": started,
            "RedriveCount": self.redrive_count,
        }
        name = self.machine.name if self.map_run is None else f"{self.machine.name}/{self.map_run.label}"
        return Line(
            self.definition, value, {"Execution": about, "StateMachine": {"Id": self.machine_arn, "Name": name}}
        )

    async def run_line(self, line: Line) -> Any:
        return await run_line(self, line)

    def new_child(
        self, map_run: "MapRun", arn: str, name: str, text: str, processor: dict[str, Any], express: bool
    ) -> "Execution":
        """A child execution of a distributed map, not yet started."""
        child = Execution(
            self.runtime,
            self.machine,
            arn,
            name,
            text,
            express=express,
            map_run=map_run,
            processor=processor,
            by=self.by,
        )
        self.runtime.executions[arn] = child
        return child

    # -- life

    def start(self) -> None:
        details = history.with_input(self.input, roleArn=self.role)
        self.history.add("ExecutionStarted", 0, details)
        self._begin()

    def _begin(self) -> None:
        self.machine.announce(self)
        self._task = self.loop.spawn(self._run())
        self._task.add_done_callback(self._settle)

    def abort(self, error: str | None = None, cause: str | None = None) -> None:
        self._cancel("ABORTED", error, cause)

    def _cancel(self, status: Status, error: str | None, cause: str | None) -> None:
        if self.status == "RUNNING" and self._verdict is None and self._task:
            self._verdict = (status, error, cause)
            self.is_ending = True
            self._task.cancel()

    def check_may_go_on(self) -> None:
        """Between two states: executions of a deleted machine end here."""
        if self.machine.deleting:
            self.abort(None, "The state machine was deleted.")

    async def _run(self) -> None:
        guard = self.loop.spawn(self._expire())
        try:
            output = await self.run_line(self._root)
            self._close("SUCCEEDED", output=text_of(output))
        except (StatesError, ExecutionFailure) as failure:
            self._close("FAILED", error=failure.error, cause=failure.cause)
        except Exception as problem:
            logger.exception("the interpreter failed in %s", self.arn)
            self._close("FAILED", error=RUNTIME, cause=f"The interpreter failed: {problem!r}")
        finally:
            guard.cancel()

    def _settle(self, task: asyncio.Task[None]) -> None:
        """The end of the task, also of one that was cancelled before its first step."""
        if task is not self._task:  # a redrive was quicker
            return
        if self.status == "RUNNING" and self._verdict:
            status, error, cause = self._verdict
            self._close(status, error=error, cause=cause)
        if not self.ended.done():  # the whole service stops
            self.ended.cancel()
        self.over.set()

    async def _expire(self) -> None:
        """The execution's own time limit, which no Catch sees."""
        limits = [self.definition.get("TimeoutSeconds"), EXPRESS_SECONDS if self.express else None]
        given = [limit for limit in limits if limit is not None]
        if given:
            await self.loop.sleep_until(self.clock.now() + min(given))
            self._cancel("TIMED_OUT", TIMEOUT, None)

    def _close(
        self, status: Status, output: str | None = None, error: str | None = None, cause: str | None = None
    ) -> None:
        details = history.failure(error, cause) if output is None else history.with_output(output)
        self.history.add(_CLOSING_EVENTS[status], self._root.last, details, closing=True)
        self.output, self.error, self.cause = output, error or None, cause or None
        self.stopped = _now(self.clock)
        self.status = status
        self.ended.set_result(None)
        self.machine.announce(self)
        self.clock.notify()

    # -- redrive

    def why_not_redrivable(self) -> str | None:
        """The reason in AWS' words, or None when the execution can go on where it stopped."""
        if self.express:
            return "Express executions cannot be redriven"
        if self.status in ("RUNNING", "SUCCEEDED"):
            return f"Execution is {self.status} and cannot be redriven"
        if self.lost:
            return "The local run was restarted since: what the execution was doing is not kept"
        if self.stopped is None or self.clock.datetime() - self.stopped > timedelta(days=REDRIVE_DAYS):
            return "Execution exceeded the redrivable period of 14 days"
        if len(self.history.events) >= history.EVENT_LIMIT - 1:
            return "Execution history exceeds the maximum number of events for a redrive"
        return None

    def redrive(self) -> None:
        """Go on at the states that failed, with the same definition, input and variables."""
        self.redrive_count += 1
        self.redriven = _now(self.clock)
        self.history.add("ExecutionRedriven", 0, {"redriveCount": self.redrive_count})
        about = self._root.context["Execution"]
        about["RedriveCount"] = self.redrive_count
        about["RedriveTime"] = self.clock.iso()
        self.status, self.stopped, self.output, self.error, self.cause = "RUNNING", None, None, None, None
        self._verdict, self.is_ending = None, False
        self.ended = asyncio.get_running_loop().create_future()
        self.over.clear()
        if self.express:
            self._root = self._new_root()
        self._begin()

    # -- as the API shows it

    def describe(self, *, data: bool = True) -> dict[str, Any]:
        why = self.why_not_redrivable()
        redrivable = "REDRIVABLE_BY_MAP_RUN" if self.map_run else "REDRIVABLE"
        shown = {
            "executionArn": self.arn,
            "stateMachineArn": self.machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": self.started,
            "stopDate": self.stopped,
            "input": self.input if data else None,
            "inputDetails": {"included": data},
            "output": self.output if data else None,
            "outputDetails": {"included": data} if self.output is not None else None,
            "error": self.error if data else None,
            "cause": self.cause if data else None,
            "mapRunArn": self.map_run.arn if self.map_run else None,
            **self.by.shown(),
            "redriveCount": self.redrive_count,
            "redriveDate": self.redriven,
            "redriveStatus": redrivable if why is None else "NOT_REDRIVABLE",
            "redriveStatusReason": why,
        }
        return {key: value for key, value in shown.items() if value is not None}


def _now(clock: Clock) -> datetime:
    """To the millisecond, as the API and the events show it."""
    moment = clock.datetime()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
