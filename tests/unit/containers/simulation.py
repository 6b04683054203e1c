"""A target in simulated time: latency, capacity, refusals and breakdowns, driven by events and by no clock."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from containers.evaluate.dispatch import Ask, Dispatcher
from containers.evaluate.pace import Pace
from containers.evaluate.targets.asking import NotAnswered, Trouble


@dataclass
class Server:
    """Answers after `latency` seconds. What is asked beyond `capacity` is refused, or waits its turn."""

    latency: float = 0.2
    capacity: int = 32
    queues: bool = False
    jitter: Callable[[], float] = lambda: 1.0
    """What single answers take of `latency`."""
    broken: Callable[[float], bool] = lambda _now: False
    capacity_at: Callable[[float], int] | None = None
    free_at: list[float] = field(default_factory=list)

    def outcome(self, now: float) -> tuple[float, NotAnswered | None]:
        """When the answer to what is asked now comes, and why it is none."""
        if self.broken(now):
            return now + 0.05, NotAnswered("down", Trouble.BROKEN)
        capacity = self.capacity_at(now) if self.capacity_at else self.capacity
        self.free_at = [moment for moment in self.free_at if moment > now]
        if len(self.free_at) >= capacity:
            if not self.queues:
                return now + 0.01, NotAnswered("slow down", Trouble.THROTTLED)
            begins = sorted(self.free_at)[len(self.free_at) - capacity]
        else:
            begins = now
        end = begins + self.latency * self.jitter()
        self.free_at.append(end)
        return end, None


@dataclass
class Run:
    """What a simulated pass came to."""

    seconds: float
    answered: int
    given_up: list[str]
    calls: int
    limits: list[tuple[float, int]]
    begun: list[float]
    machine_seconds: float


def simulate(server: Server, count: int, most: int = 256) -> Run:
    """Ask `count` prompts of the server with the job's own dispatcher and pace."""
    now, order = 0.0, itertools.count()
    pace = Pace(most)
    dispatcher = Dispatcher([f"p{n}" for n in range(count)], pace, now)
    events: list[tuple[float, int, Ask, NotAnswered | None]] = []
    run = Run(0.0, 0, [], 0, [(0.0, pace.limit)], [], 0.0)
    while not dispatcher.finished:
        while ask := dispatcher.next(now):
            run.begun.append(now)
            at, failure = server.outcome(now)
            heapq.heappush(events, (at, next(order), ask, failure))
        rest = dispatcher.rest(now)
        if events and (rest is None or events[0][0] <= now + rest):
            now, _, ask, failure = heapq.heappop(events)
            if failure is None:
                run.machine_seconds += dispatcher.answered(ask, now)
                run.answered += 1
            else:
                run.given_up += dispatcher.failed(ask, failure, now)
            if run.limits[-1][1] != pace.limit:
                run.limits.append((now, pace.limit))
        else:
            assert rest is not None, "nothing is under way and nothing is to come"
            now += rest
    run.seconds, run.calls = now, dispatcher.calls
    return run
