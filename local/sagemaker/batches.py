"""Continues texts in batches of those that wait and fit together."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from local.sagemaker.generation import Parameters

MAX_BATCH = 16
# Callers that were answered together ask again together, a little apart: a batch waits for the last of them.
QUIET_SECONDS = 0.03
MOST_SECONDS = 0.3


@dataclass(frozen=True)
class Continuation:
    """What the model wrote."""

    text: str
    tokens: int
    finish_reason: Literal["length", "eos_token", "stop_sequence"]
    prefill: list[dict[str, Any]] = field(default_factory=list)
    """The input's tokens with their log-probabilities, where they were asked for."""


@dataclass
class Work:
    """One text that waits for its continuation."""

    tokens: list[int]
    parameters: Parameters
    group: tuple[Any, ...]
    result: "Future[Continuation]" = field(default_factory=Future)


class Batcher:
    """One thread that continues texts in batches of those that wait and fit together, the oldest first."""

    def __init__(self, generate: Callable[[list[Work]], list[Continuation]], max_batch: int = MAX_BATCH) -> None:
        self._generate = generate
        self._max_batch = max_batch
        self._waiting: deque[Work] = deque()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="batches", daemon=True).start()

    def submit(self, works: Sequence[Work]) -> None:
        with self._changed:
            self._waiting.extend(works)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            batch = self._next()
            try:
                for work, result in zip(batch, self._generate(batch), strict=True):
                    work.result.set_result(result)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next batch may be well
                for work in batch:
                    if not work.result.done():
                        work.result.set_exception(error)

    def _next(self) -> list[Work]:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            self._gather()
            group = self._waiting[0].group
            batch = [work for work in self._waiting if work.group == group][: self._max_batch]
            taken = {id(work) for work in batch}
            self._waiting = deque(work for work in self._waiting if id(work) not in taken)
            return batch

    def _gather(self) -> None:
        """Wait, with the lock, until a batch is full or nobody more comes."""
        end = time.monotonic() + MOST_SECONDS
        seen = 0
        while seen < len(self._waiting) < self._max_batch and time.monotonic() < end:
            seen = len(self._waiting)
            self._changed.wait(QUIET_SECONDS)
