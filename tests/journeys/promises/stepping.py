"""Step Functions without threads and without time: the interpreter of the embedded AWS, moved on by hand.

What happens depends on the calls alone, so that a sequence of steps that breaks a promise can be repeated and shrunk.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from local.clock import Clock
from local.protocol import Caller
from local.states.execution import Execution, Runtime
from local.states.execution_operations import ExecutionOperations
from local.states.loop import Loop
from local.states.service import StepFunctions
from local.states.tokens import Tokens
from tests.contract.states.conftest import FakeAws

T = TypeVar("T")
Emit = Callable[[str, str, dict[str, Any]], None]


class StillClock(Clock):
    """Stands until it is moved."""

    def __init__(self, begin: float) -> None:
        super().__init__()
        self._now = begin

    def now(self) -> float:
        return self._now

    def move_to(self, moment: float) -> None:
        self._now = max(self._now, moment)


class SteppedLoop(Loop):
    """Runs in the caller's thread, and only until nothing more can happen at this moment."""

    clock: StillClock

    def start(self) -> None:
        """No threads."""

    def stop(self) -> None:
        self._loop.run_until_complete(self._cancel_all())
        self._settle()
        self._loop.close()

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        if asyncio._get_running_loop() is self._loop:
            return function(*arguments)

        async def work() -> T:
            return function(*arguments)

        try:
            return self._loop.run_until_complete(work())
        finally:
            self._settle()

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        return function(*arguments)

    def pass_time(self, seconds: float, *, at_once: bool) -> None:
        """Move the clock: through each timer's moment, or over all of them at once, as a machine that slept does."""
        until = self.clock.now() + seconds
        while not at_once and (moment := self._next()) <= until:
            self.clock.move_to(moment)
            self._fire()
        self.clock.move_to(until)
        self._fire()

    def _fire(self) -> None:
        while due := self._due()[0]:
            for timer in due:
                self._post(timer, None, None)
            self._settle()

    def _next(self) -> float:
        return next((moment for moment, _, timer in sorted(self._timers) if not timer.done()), float("inf"))

    def _settle(self) -> None:
        ready: Sequence[Any] = self._loop._ready  # type: ignore[attr-defined]
        while ready:
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()


class SteppedStates(StepFunctions):
    """Executions that go on only when something happens."""

    def __init__(self, aws: FakeAws, clock: StillClock) -> None:
        self.loop = SteppedLoop(clock)
        ExecutionOperations.__init__(self, aws, Runtime(aws, self.loop, Tokens(clock)))

    def stop_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        execution = self._execution(request["executionArn"])
        self.loop.run(execution.abort, request.get("error"), request.get("cause"))
        return {"stopDate": execution.stopped or self.loop.clock.datetime()}

    @property
    def started(self) -> list[Execution]:
        """Every execution of a machine, in the order in which they began."""
        return [one for one in self._executions() if one.map_run is None]

    @property
    def statuses(self) -> dict[str, str]:
        """Name -> status."""
        return {one.name: one.status for one in self.started}


class SteppedAws(FakeAws):
    """What the interpreter needs of an AWS."""

    states: "SteppedStates"

    def __init__(self, clock: StillClock, emit: Emit) -> None:
        super().__init__()
        # Made and never started: its own would tick.
        self.states.stop()
        self.clock = clock
        self._emit = emit
        self.states = SteppedStates(self, clock)

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        self._emit(source, detail_type, detail)
