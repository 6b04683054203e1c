"""Which prompt is asked when: rules without threads and without a clock of their own."""

from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

from containers.evaluate.pace import Pace
from containers.evaluate.targets.asking import NotAnswered, Trouble

# How often a prompt is asked at most. Being throttled says nothing about the prompt, so it may happen often.
_TRIES = {Trouble.REFUSED: 1, Trouble.FORBIDDEN: 1, Trouble.BROKEN: 4, Trouble.THROTTLED: 50}
# A target that has answered nothing for so long is not waited for any more.
PATIENCE_SECONDS = 600.0


class Ask(NamedTuple):
    """One prompt under way."""

    prompt: str
    begun: float
    meter: float = 0.0
    """What the meter stood at when it began."""


class Dispatcher:
    """Hands out prompts as fast as the pace allows; what failed for a passing reason comes again at the end."""

    def __init__(self, prompts: Iterable[str], pace: Pace, now: float) -> None:
        self._waiting = deque(prompts)
        self._pace = pace
        self._under_way = 0
        self._tries: Counter[tuple[str, Trouble]] = Counter()
        self._heard = now
        self._meter, self._read = 0.0, now
        self.calls = 0
        """Requests that were handed out so far."""
        self.peak = 0
        """The most prompts that were under way at once."""

    @property
    def finished(self) -> bool:
        return not self._waiting and not self._under_way

    def next(self, now: float) -> Ask | None:
        """A prompt to ask now; None where none may be asked, or none is left."""
        if not self._waiting or self._under_way >= self._pace.limit or self._pace.pause(now):
            return None
        self._turn_meter(now)
        self._under_way += 1
        self.calls += 1
        self.peak = max(self.peak, self._under_way)
        return Ask(self._waiting.popleft(), now, self._meter)

    def rest(self, now: float) -> float | None:
        """Seconds after which `next` may have a prompt though nothing happens; None: something must happen first."""
        seconds = self._pace.pause(now)
        return seconds if seconds and self._waiting else None

    def answered(self, ask: Ask, now: float) -> float:
        """The seconds of the target's time that it took: each second is shared by all that are under way in it."""
        self._turn_meter(now)
        self._under_way -= 1
        self._heard = now
        self._pace.answered(ask.begun, now)
        return self._meter - ask.meter

    def failed(self, ask: Ask, failure: NotAnswered, now: float) -> list[str]:
        """The prompts that are given up because of this: none where it is asked again."""
        self._turn_meter(now)
        self._under_way -= 1
        trouble = failure.trouble
        self._slow_down(ask, failure, now)
        if trouble in (Trouble.REFUSED, Trouble.FORBIDDEN):
            # It answers, if only to refuse.
            self._heard = now
            return [ask.prompt]
        if now - self._heard > PATIENCE_SECONDS:
            given_up = [ask.prompt, *self._waiting]
            self._waiting.clear()
            return given_up
        self._tries[ask.prompt, trouble] += 1
        if self._tries[ask.prompt, trouble] >= _TRIES[trouble]:
            return [ask.prompt]
        self._waiting.append(ask.prompt)
        return []

    def _slow_down(self, ask: Ask, failure: NotAnswered, now: float) -> None:
        if failure.trouble is Trouble.THROTTLED:
            self._pace.throttled(ask.begun, now, failure.retry_after)
        elif failure.trouble is Trouble.BROKEN:
            self._pace.broke(ask.begun, now)

    def _turn_meter(self, now: float) -> None:
        if self._under_way:
            self._meter += (now - self._read) / self._under_way
        self._read = now
