"""Profiles one shard of a window: every record, and a sample of the answers."""

from collections.abc import Iterator

from fmops.core.artifacts import Location, Store
from fmops.core.models import Ours
from fmops.monitoring.capture import exchanges
from fmops.monitoring.models import CapturedObject, Exchange, WatchPlaces, WindowTask
from fmops.monitoring.profile import Profile, Sampled, merge, profile, sample

PROFILE_FILE, SAMPLE_FILE = "profile.json", "sample.jsonl"


class ShardTask(Ours):
    """One iteration of the journey's map."""

    use_case: str
    window_start: str
    window_hours: int
    shard: int

    @property
    def window_name(self) -> str:
        task = WindowTask(
            run_id="",
            use_case=self.use_case,
            window_start=self.window_start,
            window_hours=self.window_hours,
        )
        return task.window.name


class ShardProfile(Ours):
    """What an iteration answers: places and counts, never data."""

    shard: int
    records: int
    unreadable: int


def profile_shard(store: Store, bucket: str, task: ShardTask, sample_size: int) -> ShardProfile:
    """Write the shard's profile and sample."""
    places = WatchPlaces(bucket, task.use_case, task.window_name)
    parts: list[Profile] = []
    sampled: list[Sampled] = []
    for described in store.read_json(places.shard(task.shard, "objects.json")):
        one = CapturedObject.model_validate(described)
        unreadable: list[int] = []
        kept = list(_read(store, one, unreadable))
        parts.append(profile(kept, len(unreadable)))
        sampled = sorted([*sampled, *sample(kept, sample_size)], key=lambda row: row.order)[:sample_size]
    whole = merge(parts)
    store.write_json(places.shard(task.shard, PROFILE_FILE), whole.model_dump(mode="json"))
    rows = [row.model_dump(mode="json") for row in sampled]
    store.write_json_lines(places.shard(task.shard, SAMPLE_FILE), rows)
    return ShardProfile(shard=task.shard, records=whole.records, unreadable=whole.unreadable)


def _read(store: Store, one: CapturedObject, unreadable: list[int]) -> Iterator[Exchange]:
    yield from exchanges(store.lines(Location(one.bucket, one.key)), unreadable)
