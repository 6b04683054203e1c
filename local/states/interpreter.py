"""Runs the states of one execution: transitions, retries, catches, and the states that need no call."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.states import history
from local.states.definition import timestamp_of
from local.states.errors import QUERY, RUNTIME, ExecutionFailure, StatesError
from local.states.line import Line
from local.states.query import Query, is_expression, source_of
from local.states.values import checked_text, is_integer, is_number, kind_of, size_of, text_of

if TYPE_CHECKING:
    from local.states.execution import Execution

_ALL_VARIABLES_BYTES = 10 * 1024 * 1024
_DEFAULT_ATTEMPTS = 3
_DEFAULT_BACKOFF = 2.0
_ABORTED_EVENTS = frozenset({"Map", "Parallel", "Task", "Wait"})


@dataclass(frozen=True)
class Outcome:
    """What a state ends with: its output, what comes next, and the variables it assigned, as JSON texts."""

    output: Any
    following: str | None
    assigned: dict[str, str]


class Work:
    """One attempt at one state of a line."""

    def __init__(self, execution: "Execution", line: Line, name: str, context: dict[str, Any]) -> None:
        self.execution = execution
        self.line = line
        self.name = name
        self.state: dict[str, Any] = line.machine["States"][name]
        self.input = line.value
        self.context = context
        self._variables = line.scope.all()

    def value(self, template: Any, field: str, **states: Any) -> Any:
        """A template evaluated; `states` are further members of $states."""
        bound = {"input": self.input, "context": self.context, **states}
        query = Query(self.name, {**self._variables, "states": bound}, self.execution.clock.now())
        return query.value(template, field)

    def get(self, field: str, default: Any = None) -> Any:
        return self.value(self.state[field], field) if field in self.state else default

    def whole_number(self, field: str, least: int, template: Any = None) -> int | None:
        """An integer field, or None where it is not given. StatesError for a value out of place."""
        if template is None and (template := self.state.get(field)) is None:
            return None
        value = self.value(template, field)
        if not is_integer(value):
            raise self._unexpected(template, field, "integer", value)
        if value < least:
            raise StatesError(QUERY, f"The field '{field}' must not be smaller than {least}, but was {value}", location=field)
        return int(value)

    def number(self, field: str) -> float | None:
        if field not in self.state:
            return None
        value = self.value(self.state[field], field)
        if not is_number(value):
            raise self._unexpected(self.state[field], field, "number", value)
        return float(value)

    def string(self, field: str, default: str) -> str:
        value = self.get(field, default)
        if not isinstance(value, str):
            raise self._unexpected(self.state[field], field, "string", value)
        return value

    def _unexpected(self, template: Any, field: str, wanted: str, value: Any) -> StatesError:
        source = source_of(template) if is_expression(template) else text_of(template)
        cause = (
            f"The JSONata expression '{source}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{wanted}', but was '{kind_of(value)}' for value: {text_of(value)}"
        )
        return StatesError(QUERY, cause, location=field)

    def record(self, kind: str, details: dict[str, Any] | None = None) -> None:
        self.line.last = self.execution.history.add(kind, self.line.last, details)

    def finish(self, rule: dict[str, Any], default: Any, following: str | None, **states: Any) -> Outcome:
        """Output and Assign see the variables as they were on entry; new values count from the next state on."""
        output = self.value(rule["Output"], "Output", **states) if "Output" in rule else default
        assigned = self.value(rule.get("Assign", {}), "Assign", **states)
        checked_text(output, f"The state '{self.name}'")
        checked_text(assigned, f"The Assign field of the state '{self.name}'")
        texts = {name: text_of(value) for name, value in assigned.items()}
        if texts:
            self.line.scope.values.update(assigned)
            total = sum(size_of(text_of(value)) for value in self.line.scope.all().values())
            if total > _ALL_VARIABLES_BYTES:
                raise ExecutionFailure(RUNTIME, "The variables of the execution exceed 10 MiB.")
        return Outcome(output, following, texts)

    def succeed(self, result: Any) -> Outcome:
        """The end of a state with a result: Task, Parallel, Map."""
        return self.finish(self.state, result, self.state.get("Next"), result=result)

    def pass_on(self) -> Outcome:
        """The end of a state without a result."""
        return self.finish(self.state, self.input, self.state.get("Next"))

    def caught(self, error: StatesError) -> Outcome:
        """What the first matching Catch makes of an error; without one the error itself is raised."""
        for rule in self.state.get("Catch", []):
            if error.matches(rule["ErrorEquals"]):
                return self.finish(rule, error.output(), rule["Next"], errorOutput=error.output())
        raise error


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
    return line.value


async def _run_state(execution: "Execution", line: Line, name: str) -> Outcome:
    entered = {"Name": name, "EnteredTime": execution.clock.iso(), "RetryCount": 0}
    work = Work(execution, line, name, {**line.context, "State": entered})
    kind = work.state["Type"]
    work.record(f"{kind}StateEntered", history.with_input(text_of(work.input), name=name))
    number = line.last
    try:
        outcome = await _attempts(work, number)
    except BaseException:
        if kind in _ABORTED_EVENTS and execution.is_cancelling_inside():
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
    cause = f"An error occurred while executing the state '{work.name}' (entered at the event id #{number}). {error.cause}"
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
        # A year is the longest that an execution may live.
        delay = min(grown, most, 366 * 86_400)
        return random.uniform(0, delay) if rule.get("JitterStrategy") == "FULL" else delay  # noqa: S311
    return None


async def _attempt(work: Work) -> Outcome:
    # Here, because these modules run lines of their own.
    from local.states import branches, distributed, tasks

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
            raise work._unexpected(rule["Condition"], field, "boolean", answer)
        if answer:
            return work.finish(rule, work.input, rule["Next"])
    if "Default" not in work.state:
        # AWS reserves States.NoChoiceMatched and reports this.
        raise StatesError(RUNTIME, f"Failed to transition out of the state. The state '{work.name}' has no matching rule "
                                   "and no Default.")
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
