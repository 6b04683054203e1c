"""Reads the captured traffic of drifted windows again, and writes down some of its prompts: artifacts and capture."""

import hashlib
import json
from collections.abc import Iterator, Sequence

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound, WindowUnusable
from fmops.core.ids import short_hash
from fmops.monitoring.models import CapturedObject, Target, WatchPlaces
from fmops.monitoring.profile.batches import Tally, batches
from fmops.monitoring.reading import objects
from fmops.monitoring.reading.records import reading
from fmops.monitoring.retraining.lasting import Lasting
from fmops.monitoring.retraining.models import Places, Prompt, Sources
from fmops.monitoring.retraining.prompts import Sampler, unrendered
from fmops.usecases.models import UseCase

MOST_BYTES = 1 << 30
"""So much capture is read at most, as S3 holds it: some minutes of one function."""
MOST_WINDOWS = 24


def collect(store: Store, places: Places, found: Lasting, target: Target, use_case: UseCase) -> Sources:
    """Write the prompts of these windows, and what they were taken from."""
    windows = found.windows[-MOST_WINDOWS:]
    plans = [WatchPlaces(places.bucket, use_case.name, name).plan for name in windows]
    planned = [one for plan in plans for one in objects.planned(store, plan)]
    chosen = _some(planned, found.request_id)
    champion = use_case.candidate(target.candidate)
    template = champion.prompt_template if champion else "{input}"
    sampler, tally = Sampler(use_case.monitoring.retraining.prompts, found.request_id), Tally()
    how = reading(use_case, target.model_id, lambda uri: objects.body(store, uri))
    read, seen = list[CapturedObject](), 0
    for batch in batches(_lines(store, chosen, read), how, tally):
        for record in batch.records:
            seen += 1
            if record.prompt is not None:
                sampler.add(unrendered(record.prompt, template))
    kept = sampler.chosen
    content = _file(kept.prompts)
    store.write(places.prompts, content, "application/x-ndjson")
    sources = Sources(
        request_id=found.request_id,
        use_case=use_case.name,
        release_id=target.release_id,
        windows=list(windows),
        objects=read,
        objects_left=len(planned) - len(chosen),
        objects_gone=len(chosen) - len(read),
        records=seen,
        unreadable=tally.unreadable,
        too_long=kept.too_long,
        different=kept.different,
        kept=len(kept.prompts),
        rate=round(len(kept.prompts) / kept.different, 6) if kept.different else 1.0,
        masked=kept.masked,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    store.write_json(places.sources, sources.model_dump(mode="json"))
    return sources


def _some(planned: Sequence[CapturedObject], seed: str, most: int = MOST_BYTES) -> list[CapturedObject]:
    """Objects in a random order until there are enough of them; always the same for the same seed."""
    chosen, size = list[CapturedObject](), 0
    for one in sorted(planned, key=lambda one: short_hash(seed, one.bucket, one.key, one.etag, length=16)):
        size += one.size
        if chosen and size > most:
            break
        chosen.append(one)
    return chosen


def _lines(store: Store, chosen: Sequence[CapturedObject], read: list[CapturedObject]) -> Iterator[bytes]:
    """The lines of what is still as the windows read it; which objects these are goes to `read`."""
    for one in chosen:
        try:
            yield from objects.lines(store, one)
        except (NotFound, WindowUnusable):
            continue
        read.append(one)


def _file(prompts: Sequence[Prompt]) -> bytes:
    rows = (json.dumps(prompt.model_dump(mode="json"), ensure_ascii=False) for prompt in prompts)
    return "".join(f"{row}\n" for row in rows).encode("utf-8", "replace")
