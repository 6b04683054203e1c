"""Asks many prompts at once, by threads; what may be asked when is the dispatcher's to say."""

import queue
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple

from containers.evaluate.dispatch import Ask, Dispatcher
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.pace import Pace
from containers.evaluate.targets.asking import NotAnswered, Reply, Target, Trouble

_CANARIES = 3
_CANARY_TRIES = 4


class Outcome(NamedTuple):
    """What asking a prompt led to: a reply, or the reason why there is none."""

    prompt: str
    reply: Reply | None
    failure: str | None
    latency_ms: float | None
    machine_ms: float | None
    """Its share of the target's time."""
    at: datetime


class Asked(NamedTuple):
    """What asking took."""

    calls: int
    """Requests, repetitions among them."""
    peak: int
    """The most prompts that were under way at once."""


class _Done(NamedTuple):
    ask: Ask
    reply: Reply | None
    failure: NotAnswered | None
    at: float


def ask_all(target: Target, prompts: Iterable[str], most: int, hear: Callable[[Outcome], None]) -> Asked:
    """Ask each prompt; `hear` gets one outcome for each, as they come.

    EvaluationFailed when not one of the first prompts is answered: then none would be, and nothing more is paid.
    """
    waiting = list(prompts)
    calls = _canary(target, waiting, hear)
    if not waiting:
        return Asked(calls, 1)
    done: queue.SimpleQueue[_Done | BaseException] = queue.SimpleQueue()
    dispatcher = Dispatcher(waiting, Pace(most), time.monotonic())
    with ThreadPoolExecutor(most, thread_name_prefix="ask") as pool:
        while not dispatcher.finished:
            while ask := dispatcher.next(time.monotonic()):
                pool.submit(_ask_into, done, target, ask)
            try:
                one = done.get(timeout=dispatcher.rest(time.monotonic()))
            except queue.Empty:
                continue
            if isinstance(one, BaseException):
                raise one
            _hear(dispatcher, one, hear)
    return Asked(calls + dispatcher.calls, max(1, dispatcher.peak))


def _hear(dispatcher: Dispatcher, one: _Done, hear: Callable[[Outcome], None]) -> None:
    # By the clock of this thread, which also began it: what waits in the queue is older than what begins meanwhile.
    now = time.monotonic()
    if one.failure is None:
        hear(_outcome(one, dispatcher.answered(one.ask, now)))
        return
    for prompt in dispatcher.failed(one.ask, one.failure, now):
        hear(_outcome(one._replace(ask=one.ask._replace(prompt=prompt))))


def _ask_into(done: "queue.SimpleQueue[_Done | BaseException]", target: Target, ask: Ask) -> None:
    try:
        done.put(_ask(target, ask))
    except BaseException as error:
        # What ends a thread must end the job: nobody else would ever hear of it.
        done.put(error)
        raise


def _ask(target: Target, ask: Ask) -> _Done:
    try:
        return _Done(ask, target.ask(ask.prompt), None, time.monotonic())
    except NotAnswered as failure:
        return _Done(ask, None, failure, time.monotonic())
    except Exception as error:  # noqa: BLE001 - one record's trouble is recorded, whatever it is, and stops no other
        unforeseen = NotAnswered(f"{type(error).__name__}: {error}", Trouble.REFUSED)
        return _Done(ask, None, unforeseen, time.monotonic())


def _canary(target: Target, waiting: list[str], hear: Callable[[Outcome], None]) -> int:
    """Ask the first prompts one by one until one is answered; takes those away that are through."""
    calls = 0
    reasons: list[str] = []
    for _ in range(min(_CANARIES, len(waiting))):
        done = _ask(target, Ask(waiting[0], time.monotonic()))
        calls += 1
        pause = 0.5
        while done.failure and done.failure.trouble in (Trouble.THROTTLED, Trouble.BROKEN) and calls < _CANARY_TRIES:
            time.sleep(done.failure.retry_after or pause)
            pause *= 2
            done = _ask(target, Ask(waiting[0], time.monotonic()))
            calls += 1
        if done.failure is None:
            hear(_outcome(done, done.at - done.ask.begun))
            del waiting[0]
            return calls
        reasons.append(str(done.failure))
        if done.failure.trouble is not Trouble.REFUSED:
            break
        # Refused for what it is: perhaps the next prompt is not.
        hear(_outcome(done))
        del waiting[0]
    which = "the first prompt" if len(reasons) == 1 else f"one of the first {len(reasons)} prompts"
    raise EvaluationFailed(f"The target did not answer {which}: {reasons[-1]}")


def _outcome(one: _Done, machine_seconds: float | None = None) -> Outcome:
    now = datetime.now(UTC)
    if one.failure:
        return Outcome(one.ask.prompt, None, str(one.failure), None, None, now)
    machine = None if machine_seconds is None else round(machine_seconds * 1000, 2)
    return Outcome(one.ask.prompt, one.reply, None, round((one.at - one.ask.begun) * 1000, 1), machine, now)
