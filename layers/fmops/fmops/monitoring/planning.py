"""The first step of the monitoring journey: claims the window and deals its capture files into shards."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from fmops.core.artifacts import Store, location
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.monitoring import records
from fmops.monitoring.models import CapturedObject, Target, WatchPlaces, WindowTask

SHARD_BYTES = 32 * 1024 * 1024
"""About so much capture goes to one profiling function: a few seconds of its time."""


class WindowPlan(Ours):
    """What the journey goes on with. Shards are numbers; their files lie at known places."""

    outcome: Literal["planned", "duplicate"]
    objects: int = 0
    shards: list[int] = Field(default_factory=list)


def plan(ledger: Ledger, store: Store, bucket: str, task: WindowTask, now: datetime) -> WindowPlan:
    """Claim the window and write which objects each shard reads."""
    target = records.target(ledger, task.use_case)
    if not records.claim(ledger, task, target, now):
        return WindowPlan(outcome="duplicate")
    found = captured(store, target, task)
    places = WatchPlaces(bucket, task.use_case, task.window.name)
    shards = deal(found)
    for number, shard in enumerate(shards):
        store.write_json(places.shard(number, "objects.json"), [one.model_dump(mode="json") for one in shard])
    return WindowPlan(outcome="planned", objects=len(found), shards=list(range(len(shards))))


def captured(store: Store, target: Target, task: WindowTask) -> list[CapturedObject]:
    """The capture files of the window's hours, in the order of their keys."""
    root = location(target.capture_uri.rstrip("/"))
    return [
        CapturedObject(bucket=root.bucket, key=item["Key"], size=item["Size"], etag=item["ETag"].strip('"'))
        for prefix in task.window.prefixes
        for item in store.keys(root.child(prefix))
    ]


def deal(objects: list[CapturedObject], shard_bytes: int = SHARD_BYTES) -> list[list[CapturedObject]]:
    """Objects in their order, in shards of about `shard_bytes`; an object that is larger makes a shard of its own."""
    shards: list[list[CapturedObject]] = []
    size = 0
    for one in objects:
        if not shards or size + one.size > shard_bytes:
            shards.append([])
            size = 0
        shards[-1].append(one)
        size += one.size
    return shards
