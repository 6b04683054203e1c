"""Profiles one batch of a window's objects: every record, and a sample of the answers."""

from collections.abc import Iterator
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.ids import short_hash
from fmops.core.models import Ours
from fmops.monitoring.models import BatchProfile, CapturedObject, WatchPlaces, WindowTask
from fmops.monitoring.profile.batches import Tally, batches
from fmops.monitoring.profile.model import Profile, pack
from fmops.monitoring.profile.observer import Observer
from fmops.monitoring.reading import objects
from fmops.monitoring.reading.records import Reading, reading
from fmops.monitoring.sampled import Sampled
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring, UseCase

QUARANTINED = 20
"""So many unreadable lines of a batch are kept."""
_LONGEST = 64 * 1024


class BatchTask(Ours):
    """What a child execution is given."""

    use_case: str
    window_start: str
    window_hours: int
    model_id: str = ""
    objects: list[CapturedObject]

    @property
    def name(self) -> str:
        """The same for the same objects: a retry writes over what it wrote."""
        return short_hash(*[(one.bucket, one.key, one.etag) for one in self.objects], length=16)

    def places(self, bucket: str) -> WatchPlaces:
        task = WindowTask(
            run_id="", use_case=self.use_case, window_start=self.window_start, window_hours=self.window_hours
        )
        return WatchPlaces(bucket, self.use_case, task.window.name)


class Profiled(NamedTuple):
    """A profile, its sample, and some of what could not be read."""

    profile: Profile
    sample: list[Sampled]
    refused: list[bytes]


class Quarantine:
    """Keeps the first lines that can't be read."""

    def __init__(self, most: int = QUARANTINED) -> None:
        self.lines: list[bytes] = []
        self._most = most

    def __call__(self, line: bytes, why: str) -> None:  # noqa: ARG002 - why is counted by whoever reads the lines
        if len(self.lines) < self._most:
            self.lines.append(line[:_LONGEST])


def observe(lines: Iterator[bytes], rule: Monitoring, how: Reading, lexicon: Lexicon | None, count: int) -> Profiled:
    """The profile and sample of these lines; `count` is how many files they are of."""
    quarantine = Quarantine()
    tally = Tally(quarantine)
    observer = Observer(rate=rule.costly_rate, lexicon=lexicon, sample=rule.toxicity_sample)
    for batch in batches(lines, how, tally):
        observer.add(batch)
    profile = observer.profile
    counted = {
        "objects": count,
        "unreadable": tally.unreadable,
        "ours": tally.ours,
    }
    profile.counters.update(counted)
    return Profiled(profile, observer.sample.rows, quarantine.lines)


def profile_batch(store: Store, bucket: str, task: BatchTask, use_case: UseCase, lexicon: Lexicon) -> BatchProfile:
    """Write the batch's profile and sample, and some of its unreadable lines.

    WindowUnusable where an object is no longer what was planned.
    """
    places = task.places(bucket)
    how = reading(use_case, task.model_id, lambda uri: objects.body(store, uri))
    lines = (line for one in task.objects for line in objects.lines(store, one))
    profiled = observe(lines, use_case.monitoring, how, lexicon, len(task.objects))
    profile, sample = places.profiles.child(f"{task.name}.npz"), places.profiles.child(f"{task.name}.jsonl")
    store.write(profile, pack(profiled.profile))
    store.write_json_lines(sample, [row.model_dump(mode="json") for row in profiled.sample])
    if profiled.refused:
        store.write(places.quarantine.child(f"{task.name}.txt"), b"\n".join(profiled.refused) + b"\n", "text/plain")
    return BatchProfile(
        profile_uri=profile.uri,
        sample_uri=sample.uri,
        objects=len(task.objects),
        records=profiled.profile.records,
        unreadable=profiled.profile.unreadable,
    )
