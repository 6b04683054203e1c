"""Task states: the call, its time limits, the callback by token, the nested execution."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from local.states import history, integrations
from local.states.errors import QUERY, TASK_FAILED, TIMEOUT, StatesError
from local.states.nested import failure_of, result_of
from local.states.resources import Pattern, Resource, parse
from local.states.tokens import Ticket
from local.states.values import checked_text
from local.states.work import Work


async def run(work: Work) -> Any:
    """The result of a Task. StatesError for every failure, States.Timeout for both time limits."""
    resource = parse(work.state["Resource"])
    tokens = work.execution.runtime.tokens
    ticket = tokens.new() if resource.pattern is Pattern.CALLBACK else None
    try:
        if ticket:
            work.context["Task"] = {"Token": ticket.token}
        return await _Task(work, resource, ticket).run()
    finally:
        if ticket:
            tokens.close(ticket)


class _Task:
    """One attempt at one Task."""

    def __init__(self, work: Work, resource: Resource, ticket: Ticket | None) -> None:
        self._work = work
        self._execution = work.execution
        self._resource = resource
        self._ticket = ticket
        self._arguments = work.get("Arguments", work.input)
        self._limit = work.whole_number("TimeoutSeconds", 1)
        self._heartbeat = work.whole_number("HeartbeatSeconds", 1)
        if self._limit is not None and self._heartbeat is not None and self._heartbeat >= self._limit:
            raise StatesError(
                QUERY, "HeartbeatSeconds must be smaller than TimeoutSeconds", location="HeartbeatSeconds"
            )
        self._until: float | None = None

    async def run(self) -> Any:
        if self._limit is not None:
            self._until = self._execution.clock.now() + self._limit
        self._record_start()
        try:
            result = await self._result()
            text = checked_text(result, f"The state/task '{self._resource.arn}'")
        except StatesError as error:
            self._record_failure(error)
            raise
        self._record("Succeeded", history.with_output(text))
        return result

    async def _result(self) -> Any:
        answer = await self._called()
        if self._resource.pattern is Pattern.REQUEST:
            return answer
        self._record("Submitted", history.with_output(checked_text(answer, f"The state/task '{self._resource.arn}'")))
        if self._ticket:
            return await self._callback(self._ticket)
        return await self._nested(str(answer["ExecutionArn"]))

    async def _called(self) -> Any:
        execution, role = self._execution, self._execution.role

        def client_of(service: str) -> Any:
            return execution.runtime.aws.client(service, role)

        return await self._limited(
            execution.loop.call(integrations.call, self._resource, self._arguments, client_of), "the call took too long"
        )

    async def _limited(self, work: Coroutine[Any, Any, Any], why: str) -> Any:
        task = asyncio.ensure_future(work)
        try:
            if not await self._execution.loop.within(task, self._until):
                raise StatesError(TIMEOUT, why)
            return task.result()
        finally:
            task.cancel()

    async def _callback(self, ticket: Ticket) -> Any:
        loop, clock = self._execution.loop, self._execution.clock
        ticket.beat = max(ticket.beat, clock.now())
        while True:
            beat = ticket.beat
            silence = beat + self._heartbeat if self._heartbeat is not None else None
            moments = [moment for moment in (self._until, silence) if moment is not None]
            if await loop.within(ticket.answer, min(moments, default=None)):
                value, error = ticket.answer.result()
                if error:
                    raise error
                return value
            if self._until is not None and clock.now() >= self._until:
                raise StatesError(TIMEOUT, None)
            if ticket.beat == beat:
                raise StatesError(TIMEOUT, None, heartbeat=True)

    async def _nested(self, arn: str) -> Any:
        child = self._execution.runtime.executions[arn]
        try:
            if not await self._execution.loop.within(child.ended, self._until):
                raise StatesError(TIMEOUT, None)
        except (StatesError, asyncio.CancelledError):
            # AWS stops what it no longer waits for, as well as it can.
            child.abort(None, "The execution that waited for this one has ended its task.")
            raise
        if child.status != "SUCCEEDED":
            raise StatesError(TASK_FAILED, failure_of(child))
        return result_of(child, parsed=self._resource.pattern is Pattern.SYNC2)

    # -- history

    def _record_start(self) -> None:
        parameters = checked_text(self._arguments, f"The Arguments of the state '{self._work.name}'")
        if self._resource.is_function:
            details = history.function_scheduled(self._resource, parameters, self._limit)
            self._work.record("LambdaFunctionScheduled", details)
            self._work.record("LambdaFunctionStarted")
            return
        details = history.scheduled(self._resource, parameters, self._limit, self._heartbeat)
        self._work.record("TaskScheduled", details)
        self._record("Started", {})

    def _record_failure(self, error: StatesError) -> None:
        self._record("TimedOut" if error.error == TIMEOUT else "Failed", history.with_failure(error))

    def _record(self, what: str, details: dict[str, Any]) -> None:
        if self._resource.is_function:
            self._work.record(f"LambdaFunction{what}", details)
        else:
            self._work.record(f"Task{what}", {**history.task(self._resource), **details})
