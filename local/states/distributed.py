"""Distributed Map: every item or batch is a child execution."""

import asyncio
import contextlib
import functools
import uuid
from typing import TYPE_CHECKING, Any

from local.states import history, item_reader, result_writer
from local.states.branches import items_of, selected
from local.states.errors import DATA_LIMIT, QUERY, TOLERANCE, StatesError
from local.states.loop import side_by_side
from local.states.map_run import Child, MapRun
from local.states.values import DATA_BYTES, checked_text, size_of, text_of
from local.states.work import Work

if TYPE_CHECKING:
    from local.states.execution import Execution

_CHILDREN_AT_ONCE = 10_000


async def run(work: Work) -> Any:
    """The children's results in the items' order, or what the ResultWriter makes of them."""
    line = work.line
    work.record("MapStateStarted", {"length": 0})
    if line.map_run is None:
        line.map_run = _new_run(work)
        work.record("MapRunStarted", {"mapRunArn": line.map_run.arn})
    else:
        _redrive(work, line.map_run)
    try:
        result = await _run(work, line.map_run)
    except StatesError as error:
        _end(work, line.map_run, "FAILED", history.with_failure(error))
        work.record("MapStateFailed")
        raise
    except asyncio.CancelledError:
        line.map_run.status, line.map_run.stopped = "ABORTED", work.execution.clock.datetime()
        if not work.execution.is_ending:
            work.record("MapRunAborted")
        raise
    _end(work, line.map_run, "SUCCEEDED", None)
    work.record("MapStateSucceeded")
    return result


def _new_run(work: Work) -> MapRun:
    execution = work.execution
    percentage = work.number("ToleratedFailurePercentage") or 0.0
    if not 0 <= percentage <= 100:
        raise StatesError(
            QUERY,
            f"The field 'ToleratedFailurePercentage' must be from 0 to 100, but was {percentage}",
            location="ToleratedFailurePercentage",
        )
    map_run = MapRun(
        parent=execution,
        label=work.state.get("Label", work.name),
        started=execution.clock.datetime(),
        max_concurrency=work.whole_number("MaxConcurrency", 0) or 0,
        tolerated_percentage=percentage,
        tolerated_count=work.whole_number("ToleratedFailureCount", 0) or 0,
    )
    execution.runtime.map_runs[map_run.arn] = map_run
    return map_run


def _redrive(work: Work, map_run: MapRun) -> None:
    map_run.redrive_count += 1
    map_run.redriven = work.execution.clock.datetime()
    map_run.status, map_run.stopped = "RUNNING", None
    details = {"mapRunArn": map_run.arn, "redriveCount": map_run.redrive_count}
    work.record("MapRunRedriven", details)


def _end(work: Work, map_run: MapRun, status: str, details: dict[str, Any] | None) -> None:
    map_run.status, map_run.stopped = status, work.execution.clock.datetime()
    work.record("MapRunFailed" if status == "FAILED" else "MapRunSucceeded", details)


async def _run(work: Work, map_run: MapRun) -> Any:
    if not map_run.read:
        items = await _items(work)
        map_run.children = _children(work, [selected(work, i, item) for i, item in enumerate(items)])
        map_run.read = True
    pending = [child for child in map_run.children if child.status != "SUCCEEDED"]
    for child in pending:
        child.waits = True
    width = min(map_run.max_concurrency or _CHILDREN_AT_ONCE, len(pending))
    failure: StatesError | None = None
    try:
        await side_by_side([functools.partial(_run_child, work, map_run, child) for child in pending], width)
    except StatesError as error:
        failure = error
    result = await result_writer.write(work, map_run)
    if failure:
        raise failure
    checked_text(result, f"The state/task '{work.name}'")
    return result


async def _items(work: Work) -> list[Any]:
    if "ItemReader" not in work.state:
        return items_of(work)
    reader = work.value(work.state["ItemReader"], "ItemReader")
    execution = work.execution
    return await execution.loop.call(item_reader.read, reader, execution.runtime.aws.client, execution.role)


async def _run_child(work: Work, map_run: MapRun, child: Child) -> None:
    execution = _started(work, map_run, child)
    try:
        await asyncio.shield(execution.ended)
    except asyncio.CancelledError:
        execution.abort(None, "The Map Run was stopped.")
        while not execution.ended.done():
            # Cancelled more than once, this still waits: it is over in a moment.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([execution.ended])
        raise
    if map_run.is_above_tolerance():
        raise StatesError(TOLERANCE, "The specified tolerated failure threshold was exceeded")


def _started(work: Work, map_run: MapRun, child: Child) -> "Execution":
    child.waits = False
    if child.execution:
        child.execution.redrive()
        return child.execution
    express = work.state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] == "EXPRESS"
    name = str(uuid.uuid4())
    arn = map_run.child_arn(name, express=express)
    child.execution = work.execution.new_child(map_run, arn, name, child.text, work.state["ItemProcessor"], express)
    child.execution.start()
    return child.execution


def _children(work: Work, items: list[Any]) -> list[Child]:
    if "ItemBatcher" not in work.state:
        return [Child(_child_text(work, item), 1) for item in items]
    batcher = work.state["ItemBatcher"]
    most = work.whole_number("ItemBatcher/MaxItemsPerBatch", 1, batcher.get("MaxItemsPerBatch", len(items) or 1))
    heaviest = work.whole_number(
        "ItemBatcher/MaxInputBytesPerBatch", 1, batcher.get("MaxInputBytesPerBatch", DATA_BYTES)
    )
    shared = (
        {"BatchInput": work.value(batcher["BatchInput"], "ItemBatcher/BatchInput")} if "BatchInput" in batcher else {}
    )
    groups = _batches(
        items, most or 1, min(heaviest or DATA_BYTES, DATA_BYTES), size_of(text_of({**shared, "Items": []}))
    )
    return [Child(_child_text(work, {**shared, "Items": group}), len(group)) for group in groups]


def _batches(items: list[Any], most: int, heaviest: int, frame: int) -> list[list[Any]]:
    """Items in groups of at most `most`, whose texts have at most `heaviest` bytes with a frame of `frame` bytes."""
    groups: list[list[Any]] = []
    weight = 0
    for item in items:
        size = size_of(text_of(item))
        if not groups or len(groups[-1]) >= most or weight + 1 + size > heaviest:
            groups.append([])
            weight = frame - 1
        groups[-1].append(item)
        weight += 1 + size
    return groups


def _child_text(work: Work, value: Any) -> str:
    text = text_of(value)
    if size_of(text) > DATA_BYTES:
        raise StatesError(DATA_LIMIT, f"An item or batch of the Map state '{work.name}' is larger than 256 KiB.")
    return text
