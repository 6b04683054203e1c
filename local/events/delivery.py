"""Asynchronous delivery without loss: attempts on a small pool, retries by the clock, then the dead-letter queue."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from local.clock import Clock
from local.events.targets import DeliveryError

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 600.0


@dataclass(frozen=True)
class RetryPolicy:
    """AWS' defaults: a day, or 185 retries, whatever ends first."""

    maximum_attempts: int = 185
    maximum_age_seconds: int = 86400


class Delivery(Protocol):
    """Something on its way to one target."""

    @property
    def retry(self) -> RetryPolicy: ...

    @property
    def name(self) -> str:
        """For logs: who delivers to whom."""

    def attempt(self, number: int) -> None:
        """Try once; `number` counts from 1. Raises DeliveryError."""

    def bury(self, failure: "Failure") -> bool:
        """Send to the dead-letter queue. False when there is none. Raises DeliveryError."""


@dataclass(frozen=True)
class Failure:
    """Why a delivery was given up."""

    code: str
    message: str
    retries: int
    exhausted: str | None
    """MaximumRetryAttempts or MaximumEventAgeInSeconds; None when no retry would have helped."""


@dataclass
class Counts:
    """What happened since the start."""

    delivered: int = 0
    buried: int = 0
    lost: int = 0
    """Undelivered, and no dead-letter queue took it: each is logged as an error."""
    failures: list[tuple[str, Failure]] = field(default_factory=list)
    """Name and reason of every delivery given up, buried or lost."""


class Dispatcher:
    """Runs deliveries on a few threads, in no promised order. Each ends delivered, buried or counted as lost."""

    def __init__(self, clock: Clock, name: str, workers: int = 8) -> None:
        self.counts = Counts()
        self._clock = clock
        self._name = name
        self._workers = workers
        self._idle = threading.Condition()
        self._running = 0
        self._waiting: list[tuple[float, int, _Pending]] = []
        self._order = itertools.count()
        self._stopping = False
        self._pool: ThreadPoolExecutor | None = None
        self._retries: threading.Thread | None = None
        self._woken = False

    def start(self) -> None:
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix=self._name)
        self._retries = threading.Thread(target=self._retry_when_due, name=f"{self._name}-retries", daemon=True)
        self._retries.start()
        # So that whoever advances finds the retries in flight.
        self._clock.after_advance(self._advanced)

    def stop(self) -> None:
        """Let what runs finish, drop what waits, and say so."""
        with self._idle:
            self._stopping = True
            dropped = [pending.delivery.name for _, _, pending in self._waiting]
            self._waiting.clear()
        if dropped:
            logger.warning("%s stops with %d deliveries waiting for a retry: %s", self._name, len(dropped), dropped)
        self._clock.notify()
        if self._retries is not None:
            self._retries.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    @property
    def in_flight(self) -> int:
        """Deliveries queued or being attempted; retries that wait for their time are not counted."""
        return self._running

    @property
    def waiting(self) -> int:
        """Deliveries that wait for a retry."""
        return len(self._waiting)

    def submit(self, delivery: Delivery) -> None:
        """Queue a first attempt. Returns at once."""
        self._queue(_Pending(delivery, first_at=self._clock.now()))

    def drain(self, timeout: float, *, retries: bool = True) -> bool:
        """Wait (real seconds) until nothing is in flight, nor, if `retries`, waits for another attempt."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._running and not (retries and self._waiting), timeout)

    def track(self, call: Callable[[], None]) -> None:
        """Run a call on the pool as part of what is in flight: matching events is work of its own."""
        with self._idle:
            if self._pool is None or self._stopping:
                logger.error("%s is not running; a piece of work is lost", self._name)
                return
            self._running += 1
            self._pool.submit(self._tracked, call)

    def _tracked(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            logger.exception("%s failed at its own work", self._name)
            self.counts.lost += 1
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _queue(self, pending: "_Pending") -> None:
        self.track(lambda: self._attempt(pending))

    def _attempt(self, pending: "_Pending") -> None:
        pending.attempts += 1
        try:
            pending.delivery.attempt(pending.attempts)
        except DeliveryError as error:
            self._failed(pending, error)
        except Exception as error:
            # A fault of ours must not lose the event: it takes the way of every failure.
            logger.exception("delivery %s broke", pending.delivery.name)
            self._failed(pending, DeliveryError("UNKNOWN", repr(error), permanent=True))
        else:
            with self._idle:
                self.counts.delivered += 1

    def _failed(self, pending: "_Pending", error: DeliveryError) -> None:
        policy, retries = pending.delivery.retry, pending.attempts - 1
        due = self._clock.now() + min(_FIRST_RETRY_SECONDS * 2.0**retries, _LONGEST_RETRY_SECONDS)
        exhausted = None
        if not error.permanent:
            if retries >= policy.maximum_attempts:
                exhausted = "MaximumRetryAttempts"
            elif due > pending.first_at + policy.maximum_age_seconds:
                exhausted = "MaximumEventAgeInSeconds"
            else:
                self._wait(due, pending)
                return
        self._give_up(pending.delivery, Failure(error.code, error.message, retries, exhausted))

    def _wait(self, due: float, pending: "_Pending") -> None:
        with self._idle:
            heapq.heappush(self._waiting, (due, next(self._order), pending))
            self._woken = True
        self._clock.notify()

    def _give_up(self, delivery: Delivery, failure: Failure) -> None:
        try:
            buried = delivery.bury(failure)
            reason = "it has no dead-letter queue"
        except DeliveryError as error:
            buried, reason = False, f"its dead-letter queue refused it ({error})"
        with self._idle:
            self.counts.failures.append((delivery.name, failure))
            if buried:
                self.counts.buried += 1
            else:
                self.counts.lost += 1
        if buried:
            logger.warning("%s was not delivered and went to the dead-letter queue: %s", delivery.name, failure)
        else:
            logger.error("%s was not delivered and is lost, %s: %s", delivery.name, reason, failure)

    def _retry_when_due(self) -> None:
        while not self._stopping:
            self._clock.wait(self._release_due(), lambda: self._stopping or self._woken)

    def _advanced(self) -> None:
        if not self._stopping:
            self._release_due()

    def _release_due(self) -> float:
        """Queue the retries whose time has come; when the next one comes."""
        with self._idle:
            self._woken = False
            now = self._clock.now()
            while self._waiting and self._waiting[0][0] <= now:
                self._queue(heapq.heappop(self._waiting)[2])
            return self._waiting[0][0] if self._waiting else now + 3600


@dataclass
class _Pending:
    delivery: Delivery
    first_at: float
    attempts: int = 0
