"""The first step of the monitoring journey: claims the window, and writes down which objects are to be read."""

from collections.abc import Iterator
from datetime import datetime
from math import ceil
from typing import Literal

from fmops.core.artifacts import Location, Store, location
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.monitoring import records
from fmops.monitoring.models import CapturedObject, Target, WatchPlaces, WindowTask
from fmops.usecases.models import UseCase
from fmops.usecases.store import load

BATCH_BYTES = 32 * 1024 * 1024
"""About so much capture goes to one profiling function: a few seconds of its time."""
MOST_OBJECTS = 500
"""Of a batch: what a child is told of its objects must stay below Step Functions' 256 KB."""


class WindowPlan(Ours):
    """What the journey goes on with."""

    outcome: Literal["planned", "duplicate"]
    objects: int = 0
    bucket: str = ""
    key: str = ""
    """Where the plan lies: a JSON array of CapturedObject, those of one batch side by side."""
    batch: int = 1
    """How many objects make a batch."""
    model_id: str = ""
    """Of a route: whose calls are read in Bedrock's logs, which have everybody's."""
    truth: bool = False
    """Whether answers are scored whose truths come later."""


def plan(ledger: Ledger, store: Store, bucket: str, task: WindowTask, now: datetime) -> WindowPlan:
    """Claim the window and write its plan."""
    target = records.target(ledger, task.use_case)
    if not records.claim(ledger, task, target, now):
        return WindowPlan(outcome="duplicate")
    use_case = load(ledger, task.use_case)
    found = captured(store, target, use_case, task)
    place = WatchPlaces(bucket, task.use_case, task.window.name).plan
    dealt, batch = deal(found)
    store.write_json(place, [one.model_dump(mode="json") for one in dealt])
    return WindowPlan(
        outcome="planned",
        objects=len(dealt),
        bucket=place.bucket,
        key=place.key,
        batch=batch,
        model_id=target.model_id,
        truth=use_case.monitoring.truth is not None,
    )


def captured(store: Store, target: Target, use_case: UseCase, task: WindowTask) -> list[CapturedObject]:
    """The capture files and logs of the window's hours, each content once, in the order of their keys."""
    roots = [("sagemaker", location(target.capture_uri.rstrip("/")))]
    roots += [(one.kind, location(one.prefix.rstrip("/"))) for one in use_case.monitoring.sources]
    found: dict[tuple[str, str], CapturedObject] = {}
    for _, root in roots:
        for prefix in list(_variants(store, root)):
            for hour in task.window.prefixes:
                for one in _objects(store, prefix.child(hour)):
                    found[one.bucket, one.key] = one
    once: dict[tuple[str, int], CapturedObject] = {}
    for one in sorted(found.values(), key=lambda one: one.key):
        # A file that was delivered twice has another name and the same content.
        once.setdefault((one.etag, one.size), one)
    return list(once.values())


def _variants(store: Store, root: Location) -> Iterator[Location]:
    """The prefix itself where its next folders are years, else the folders below it: an endpoint's variants."""
    folders = list(store.folders(root.child("")))
    if not folders or any(name.isdigit() for name in folders):
        yield root
    yield from (root.child(name) for name in folders if not name.isdigit())


def _objects(store: Store, prefix: Location) -> Iterator[CapturedObject]:
    for item in store.versions(prefix):
        key = str(item["Key"])
        # Bedrock keeps bodies apart in `data/`, and tries its permission with an object of its own.
        if "/data/" in key.removeprefix(prefix.key) or "permission-check" in key or not item["Size"]:
            continue
        version = item["VersionId"]
        yield CapturedObject(
            bucket=prefix.bucket,
            key=key,
            version=None if version == "null" else version,
            size=item["Size"],
            etag=item["ETag"].strip('"'),
        )


def deal(objects: list[CapturedObject], batch_bytes: int = BATCH_BYTES) -> tuple[list[CapturedObject], int]:
    """Objects in such an order that every so many of them make a batch of about the same size; and how many.

    The largest first, dealt forth and back over the batches.
    """
    if not objects:
        return [], 1
    batches = max(1, ceil(sum(one.size for one in objects) / batch_bytes), ceil(len(objects) / MOST_OBJECTS))
    batches = min(batches, len(objects))
    each = ceil(len(objects) / batches)
    batches = ceil(len(objects) / each)
    rows: list[list[CapturedObject]] = [[] for _ in range(batches)]
    for number, one in enumerate(sorted(objects, key=lambda one: (-one.size, one.key))):
        turn, place = divmod(number, batches)
        rows[place if turn % 2 == 0 else batches - 1 - place].append(one)
    # All but the last must be full, for they are cut by count.
    rows.sort(key=len, reverse=True)
    return [one for row in rows for one in row], each
