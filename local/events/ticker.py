"""Doing things at their time on the embedded clock, also when somebody advances it."""

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from local.clock import Clock

logger = logging.getLogger(__name__)

_IDLE_SECONDS = 3600.0

MOST_CATCH_UP = 100
"""How many missed occurrences one advance of the clock makes up for, for each schedule; the newest ones."""


class Due(NamedTuple):
    """What is due now."""

    times: list[float]
    skipped: int
    next_at: float | None


def due_until(
    next_after: Callable[[float], float | None], next_at: float | None, now: float, most: int = MOST_CATCH_UP
) -> Due:
    """The occurrences from `next_at` until `now`, the newest `most` of them, and the first one after."""
    times: list[float] = []
    while next_at is not None and next_at <= now:
        times.append(next_at)
        next_at = next_after(next_at)
    skipped = max(0, len(times) - most)
    return Due(times[skipped:], skipped, next_at)


class Ticker:
    """Calls `run_due(now)` when the time comes that the last call named, after `poke()`, and after each advance.

    After an advance the call happens in the advancing thread, before `advance` returns.
    """

    def __init__(self, clock: Clock, name: str, run_due: Callable[[float], float | None]) -> None:
        self._clock = clock
        self._run_due = run_due
        self._guard = threading.Lock()
        self._next: float | None = None
        self._poked = False
        self._running = False
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        self._running = True
        self._clock.after_advance(self._run)
        self._thread.start()

    def stop(self) -> None:
        self._running = False
        self._clock.notify()
        self._thread.join()

    def poke(self) -> None:
        """Something has changed: look again at what is due."""
        self._poked = True
        self._clock.notify()

    def catch_up(self) -> None:
        """Do what is due by now, in this thread."""
        self._run()

    def _loop(self) -> None:
        while self._running:
            self._poked = False
            self._run()
            until = self._clock.now() + _IDLE_SECONDS if self._next is None else self._next
            self._clock.wait(until, lambda: self._poked or not self._running)

    def _run(self) -> None:
        if not self._running:
            return
        with self._guard:
            try:
                self._next = self._run_due(self._clock.now())
            except Exception:
                # One bad occurrence must not silence all schedules for good.
                logger.exception("%s failed", self._thread.name)
                self._next = self._clock.now() + 60
