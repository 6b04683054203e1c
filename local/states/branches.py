"""Parallel and inline Map: lines side by side within one execution."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from local.states.errors import QUERY, StatesError
from local.states.line import Line, Scope
from local.states.loop import side_by_side
from local.states.values import checked_text
from local.states.work import Work

# AWS runs about this many iterations of an inline map at once.
INLINE_CONCURRENCY = 40


async def parallel(work: Work) -> list[Any]:
    """The results of the branches, in their order. The first branch that fails ends the others."""
    line = work.line
    work.record("ParallelStateStarted")
    if line.children is None:
        value = work.get("Arguments", work.input)
        checked_text(value, f"The Arguments of the state '{work.name}'")
        line.children = [
            Line(branch, value, line.context, Scope(line.scope), last=line.last) for branch in work.state["Branches"]
        ]

    async def run(child: Line) -> None:
        await work.execution.run_line(child)

    return await _together(work, line.children, run, len(line.children))


async def inline_map(work: Work) -> list[Any]:
    """The results of the iterations, in the items' order. The first iteration that fails ends the others."""
    line = work.line
    if line.children is None:
        line.children = _iterations(work)
    work.record("MapStateStarted", {"length": len(line.children)})
    width = min(work.whole_number("MaxConcurrency", 0) or INLINE_CONCURRENCY, INLINE_CONCURRENCY)

    return await _together(work, line.children, functools.partial(_iterate, work), width)


async def _together(
    work: Work, children: list[Line], run: Callable[[Line], Coroutine[Any, Any, None]], width: int
) -> list[Any]:
    kind = work.state["Type"]
    try:
        jobs = [functools.partial(run, child) for child in children if not child.done]
        await side_by_side(jobs, min(width, len(jobs)))
    except StatesError:
        work.line.last = len(work.execution.history.events)
        work.record(f"{kind}StateFailed")
        raise
    work.line.last = max([work.line.last, *(child.last for child in children)])
    work.record(f"{kind}StateSucceeded")
    return [child.value for child in children]


async def _iterate(work: Work, child: Line) -> None:
    details = {"name": work.name, "index": child.index}

    def record(kind: str) -> None:
        child.last = work.execution.history.add(kind, child.last or work.line.last, dict(details))

    record("MapIterationStarted")
    try:
        await work.execution.run_line(child)
    except StatesError:
        record("MapIterationFailed")
        raise
    except asyncio.CancelledError:
        if not work.execution.is_ending:
            record("MapIterationAborted")
        raise
    record("MapIterationSucceeded")


def items_of(work: Work) -> list[Any]:
    """What a map without a reader iterates over. An object gives its members as Key and Value."""
    items = work.get("Items", work.input)
    if isinstance(items, dict):
        return [{"Key": key, "Value": value} for key, value in items.items()]
    if not isinstance(items, list):
        if "Items" in work.state:
            raise work.unexpected(work.state["Items"], "Items", "array", items)
        raise StatesError(QUERY, f"The input of the Map state '{work.name}' is no array.", location="Items")
    return items


def item_context(work: Work, index: int, item: Any) -> dict[str, Any]:
    """`$states.context.Map.Item` of one item."""
    shown = {"Index": index, "Value": item}
    if isinstance(item, dict) and set(item) == {"Key", "Value"} and "ItemReader" not in work.state:
        shown = {"Index": index, "Key": item["Key"], "Value": item["Value"]}
    return {"Item": shown}


def selected(work: Work, index: int, item: Any) -> Any:
    """The item as ItemSelector makes it."""
    if "ItemSelector" not in work.state:
        return item
    context = {**work.context, "Map": item_context(work, index, item)}
    return work.value(work.state["ItemSelector"], "ItemSelector", context=context)


def _iterations(work: Work) -> list[Line]:
    line = work.line
    lines = []
    for index, item in enumerate(items_of(work)):
        context = {**line.context, "Map": item_context(work, index, item)}
        value = selected(work, index, item)
        lines.append(Line(work.state["ItemProcessor"], value, context, Scope(line.scope), index=index))
    return lines
