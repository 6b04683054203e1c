"""How many prompts may be under way at once: grows while that brings more answers, yields when the target is overrun.

As TCP does it: increase by steps, decrease by a factor. Steps double as long as they pay and are halved when one did
not, so the capacity is found as by bisection. Whether a step paid is judged by throughput (Little's law: prompts under
way / mean latency): a target that merely queues is not fed more. And a target that refuses right after a step has shown
its limit: the step is undone, nothing else.
"""

import math
from typing import Final, NamedTuple

FIRST: Final = 8
# A step must bring at least this share of what it would bring if latency stayed the same.
_LEAST_GAIN = 0.25
_DECREASE = 0.7
# Windows that a limit is kept when the smallest step above it did not pay.
_HOLD = 8
# SageMaker gives up on an answer after 60 s: no step where answers take a third of that.
_LONGEST_SECONDS = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_FEWEST = 4


class _Proven(NamedTuple):
    """A limit that the target was well with, and the answers a second that it gave."""

    limit: int
    rate: float


class Pace:
    """Told of every outcome with the moments at which it was asked and answered; says `limit` and `pause`."""

    def __init__(self, most: int, first: int = FIRST) -> None:
        self.limit = min(first, most)
        self._most = most
        self._step = self.limit
        self._hold = 0
        self._proven = _Proven(self.limit, 0.0)
        self._changed = -math.inf
        self._latencies: list[float] = []
        self._troubles = 0
        self._resume = -math.inf

    def pause(self, now: float) -> float:
        """Seconds until something may be asked again; 0: now."""
        return max(0.0, self._resume - now)

    def answered(self, begun: float, now: float) -> None:
        """A good answer to what was asked at `begun`."""
        self._troubles = 0
        # What was asked under another limit tells nothing about this one.
        if begun < self._changed:
            return
        self._latencies.append(now - begun)
        if len(self._latencies) >= max(_FEWEST, self.limit):
            self._judge(now)

    def throttled(self, begun: float, now: float, retry_after: float | None = None) -> None:
        """The target said that it was asked too much."""
        if retry_after:
            self._resume = max(self._resume, now + min(retry_after, _LONGEST_PAUSE))
        if begun < self._changed:
            return
        if self.limit > self._proven.limit:
            self._undo_step(now)
        elif self.limit > 1:
            self._shrink(now)
        else:
            self._wait(now)

    def broke(self, begun: float, now: float) -> None:
        """The target failed. All that was under way then fails with it: one burst is one trouble."""
        if begun < self._changed:
            return
        self._shrink(now)
        self._wait(now)

    def _judge(self, now: float) -> None:
        """A window is full: what did the last step bring?"""
        latest = self._latencies[len(self._latencies) // 2 :]
        mean = math.fsum(latest) / len(latest)
        self._latencies.clear()
        rate = self.limit / mean if mean > 0 else math.inf
        step = self.limit / self._proven.limit - 1
        if step and rate < self._proven.rate * (1 + _LEAST_GAIN * step):
            self._undo_step(now)
            return
        if step:
            self._step *= 2
        self._proven = _Proven(self.limit, rate)
        if self._hold:
            self._hold -= 1
        elif self.limit < self._most and mean < _LONGEST_SECONDS:
            self._step = min(self._step, self.limit)
            self._change(min(self._most, self.limit + self._step), now)

    def _undo_step(self, now: float) -> None:
        step = self.limit - self._proven.limit
        self._hold = 0 if step > 1 else _HOLD
        self._step = max(1, step // 2)
        self._change(self._proven.limit, now)

    def _shrink(self, now: float) -> None:
        self._hold, self._step = 0, 1
        self._change(max(1, int(self.limit * _DECREASE)), now)
        self._proven = _Proven(self.limit, 0.0)

    def _wait(self, now: float) -> None:
        self._resume = max(self._resume, now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**self._troubles))
        self._troubles = min(self._troubles + 1, 10)
        # Nothing that is under way belongs to what begins after the pause.
        self._changed = self._resume

    def _change(self, limit: int, now: float) -> None:
        self.limit, self._changed = limit, now
        self._latencies.clear()
