"""One event loop for all executions, whose timers follow the embedded clock: a waiting execution costs no thread."""

import asyncio
import heapq
import itertools
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from local.clock import Clock
from local.protocol import LocalError

T = TypeVar("T")

# Calls of AWS block a thread each. More would only queue up at the front of the embedded AWS.
_CALLS_AT_ONCE = 128
_FAR = 365 * 86_400.0


class Loop:
    """Runs coroutines in a thread of its own. Everything that executions change is changed in that thread."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._loop = asyncio.new_event_loop()
        self._calls = asyncio.Semaphore(_CALLS_AT_ONCE)
        self._timers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._changed = False
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._loop.run_forever, name="states-loop", daemon=True),
            threading.Thread(target=self._tick, name="states-timers", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Cancel everything that runs and end both threads."""
        if self._stopped:
            return
        if not self._threads[0].is_alive():
            self._stopped = True
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result()
        self._stopped = self._changed = True
        self.clock.notify()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        self._loop.close()

    async def _cancel_all(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- from any thread

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the loop's thread and wait for what it returns or raises."""
        if asyncio._get_running_loop() is self._loop:
            # Already there: to wait for the loop would be to wait for ever.
            return function(*arguments)
        answer: Future[T] = Future()

        def work() -> None:
            try:
                answer.set_result(function(*arguments))
            except Exception as problem:  # noqa: BLE001  it is raised again in the calling thread
                answer.set_exception(problem)

        if self._stopped:
            raise LocalError("Step Functions of the embedded AWS has been stopped")
        self._loop.call_soon_threadsafe(work)
        return answer.result()

    # -- in the loop's thread

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(work)

    async def sleep_until(self, moment: float) -> None:
        """Until the embedded clock shows `moment` (epoch seconds)."""
        await self._timer(moment)

    async def within(self, future: "asyncio.Future[T]", until: float | None) -> bool:
        """Wait for a future at most until a moment of the embedded clock; whether it is done."""
        if until is None:
            await asyncio.wait([future])
            return True
        timer = self._timer(until)
        both: list[asyncio.Future[Any]] = [future, timer]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        return future.done()

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a blocking function in a thread. A cancelled caller leaves it to its end, unheard."""
        async with self._calls:
            future: asyncio.Future[T] = self._loop.create_future()

            def work() -> None:
                try:
                    self._post(future, function(*arguments), None)
                except BaseException as problem:  # noqa: BLE001  it is raised again where it is awaited
                    self._post(future, None, problem)

            threading.Thread(target=work, name="states-call", daemon=True).start()
            return await future

    def _post(self, future: "asyncio.Future[Any]", result: Any, problem: BaseException | None) -> None:
        def settle() -> None:
            if future.done():
                return
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settle)

    # -- timers

    def _timer(self, moment: float) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = self._loop.create_future()
        with self._lock:
            heapq.heappush(self._timers, (moment, next(self._numbers), future))
            earliest = self._timers[0][2] is future
        if earliest:
            self._changed = True
            self.clock.notify()
        return future

    def _tick(self) -> None:
        while not self._stopped:
            self._changed = False
            due, following = self._due()
            for future in due:
                self._post(future, None, None)
            self.clock.wait(following, lambda: self._changed)

    def _due(self) -> tuple[list["asyncio.Future[None]"], float]:
        """Futures whose moment has come, and the moment of the next."""
        now = self.clock.now()
        due = []
        with self._lock:
            while self._timers and (self._timers[0][0] <= now or self._timers[0][2].cancelled()):
                due.append(heapq.heappop(self._timers)[2])
            return due, self._timers[0][0] if self._timers else now + _FAR


async def side_by_side(jobs: Iterable[Callable[[], Coroutine[Any, Any, None]]], width: int) -> None:
    """Run jobs, at most `width` at once. The first failure cancels the others and is raised when they have ended."""
    queue = iter(jobs)

    async def worker() -> None:
        for job in queue:
            await job()

    workers = [asyncio.ensure_future(worker()) for _ in range(width)]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
