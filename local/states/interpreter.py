"""Runs the states of one execution: transitions, retries, catches, and the states that need no call."""

import asyncio
import random
from typing import TYPE_CHECKING, Any

from local.states import branches, distributed, history, tasks
from local.states.definition import timestamp_of
from local.states.errors import QUERY, RUNTIME, StatesError
from local.states.line import Line
from local.states.values import text_of
from local.states.work import Outcome, Work

if TYPE_CHECKING:
    from local.states.execution import Execution

_DEFAULT_ATTEMPTS = 3
_DEFAULT_BACKOFF = 2.0
# A year is the longest that an execution may live.
_LONGEST_DELAY = 366 * 86_400
_ABORTED_EVENTS = frozenset({"Map", "Parallel", "Task", "Wait"})


async def run_line(execution: "Execution", line: Line) -> Any:
    """Run a line from its current state to its end; its result. Raises what ended it otherwise."""
    while not line.done:
        assert line.current is not None  # noqa: S101  only a line that is done has no current state
        outcome = await _run_state(execution, line, line.current)
        line.leave()
        line.value = outcome.output
        line.current = outcome.following
        line.done = outcome.following is None
        execution.check_may_go_on()
        # Machines that loop without ever waiting must not stop the others.
        await asyncio.sleep(0)
    return line.value


async def _run_state(execution: "Execution", line: Line, name: str) -> Outcome:
    entered = {"Name": name, "EnteredTime": execution.clock.iso(), "RetryCount": 0}
    work = Work(execution, line, name, {**line.context, "State": entered})
    kind = work.state["Type"]
    work.record(f"{kind}StateEntered", history.with_input(text_of(work.input), name=name))
    number = line.last
    try:
        outcome = await _attempts(work, number)
    except asyncio.CancelledError:
        if kind in _ABORTED_EVENTS and not execution.is_ending:
            work.record(f"{kind}StateAborted")
        raise
    if kind != "Fail":
        work.record(f"{kind}StateExited", history.exited(name, text_of(outcome.output), outcome.assigned))
    return outcome


async def _attempts(work: Work, number: int) -> Outcome:
    """Try a state as often as its Retry allows; then its Catch."""
    used: dict[int, int] = {}
    while True:
        try:
            return await _attempt(work)
        except StatesError as problem:
            error = _placed(work, problem, number)
        delay = _delay(work.state, error, used)
        if delay is None:
            return _caught(work, error, number)
        work.line.leave()
        work.context["State"]["RetryCount"] += 1
        work.context.pop("Task", None)
        await work.execution.loop.sleep_until(work.execution.clock.now() + delay)


def _caught(work: Work, error: StatesError, number: int) -> Outcome:
    try:
        return work.caught(error)
    except StatesError as problem:
        if problem is error:
            raise
        raise _placed(work, problem, number) from error


def _placed(work: Work, error: StatesError, number: int) -> StatesError:
    """Errors of the interpreter itself say in which state they arose, as AWS' do."""
    if error.error not in (QUERY, RUNTIME) or (error.cause or "").startswith("An error occurred while executing"):
        return error
    if error.location:
        details = history.with_failure(error, location=error.location, state=work.name)
        work.record("EvaluationFailed", details)
    cause = (
        f"An error occurred while executing the state '{work.name}' (entered at the event id #{number}). {error.cause}"
    )
    return StatesError(error.error, cause, location=error.location)


def _delay(state: dict[str, Any], error: StatesError, used: dict[int, int]) -> float | None:
    """Seconds until the next attempt, or None when there is none. Each rule of Retry counts its own attempts."""
    for i, rule in enumerate(state.get("Retry", [])):
        if not error.matches(rule["ErrorEquals"]):
            continue
        attempt = used.get(i, 0)
        if attempt >= rule.get("MaxAttempts", _DEFAULT_ATTEMPTS):
            return None
        used[i] = attempt + 1
        most = rule.get("MaxDelaySeconds", float("inf"))
        try:
            grown = rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", _DEFAULT_BACKOFF) ** attempt
        except OverflowError:
            grown = float("inf")
        delay = min(grown, most, _LONGEST_DELAY)
        return random.uniform(0, delay) if rule.get("JitterStrategy") == "FULL" else delay  # noqa: S311
    return None


async def _attempt(work: Work) -> Outcome:
    match work.state["Type"]:
        case "Pass" | "Succeed":
            return work.pass_on()
        case "Fail":
            raise StatesError(work.string("Error", ""), work.string("Cause", ""))
        case "Choice":
            return _choose(work)
        case "Wait":
            return await _wait(work)
        case "Task":
            return work.succeed(await tasks.run(work))
        case "Parallel":
            return work.succeed(await branches.parallel(work))
        case _ if work.state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            return work.succeed(await distributed.run(work))
        case _:
            return work.succeed(await branches.inline_map(work))


def _choose(work: Work) -> Outcome:
    for i, rule in enumerate(work.state["Choices"]):
        field = f"Choices/{i}/Condition"
        answer = work.value(rule["Condition"], field)
        if not isinstance(answer, bool):
            raise work.unexpected(rule["Condition"], field, "boolean", answer)
        if answer:
            return work.finish(rule, work.input, rule["Next"])
    if "Default" not in work.state:
        # AWS reserves States.NoChoiceMatched and reports this.
        raise StatesError(
            RUNTIME,
            f"Failed to transition out of the state. The state '{work.name}' has no matching rule and no Default.",
        )
    return work.finish(work.state, work.input, work.state["Default"])


async def _wait(work: Work) -> Outcome:
    if "Seconds" in work.state:
        seconds = work.whole_number("Seconds", 0) or 0
        until = work.execution.clock.now() + seconds
    else:
        text = work.string("Timestamp", "")
        moment = timestamp_of(text)
        if moment is None:
            raise StatesError(QUERY, f"The field 'Timestamp' is no RFC 3339 time: {text}", location="Timestamp")
        until = moment
    if until > work.execution.clock.now():
        await work.execution.loop.sleep_until(until)
    return work.pass_on()
