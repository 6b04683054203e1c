"""Puts the profiles and samples of a window's batches together."""

import json
from datetime import datetime
from typing import Any

from fmops.core.artifacts import Location, Store, location
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.monitoring.models import BatchProfile, WatchPlaces, WindowTask
from fmops.monitoring.profile.domains import strata_of
from fmops.monitoring.profile.model import merge, pack, unpack
from fmops.monitoring.sampled import Sampled, first_of
from fmops.monitoring.toxicity.design import Why
from fmops.monitoring.toxicity.sampling import design_sample
from fmops.usecases.store import load


class Merged(Ours):
    """What the journey goes on with."""

    records: int
    unreadable: int
    failed: int
    """Batches that were not read."""
    batches: int
    toxicity_due: bool
    """Whether answers are to be scored for toxicity now, and why."""
    toxicity_why: Why | None


def merge_window(
    ledger: Ledger, store: Store, bucket: str, task: WindowTask, manifest: Location, now: datetime
) -> Merged:
    """Write the window's profile, some answers of each stratum, and the sample that is to be scored where one is due.

    `manifest` is what the journey's ResultWriter wrote.
    """
    rule = load(ledger, task.use_case).monitoring
    places = WatchPlaces(bucket, task.use_case, task.window.name)
    done, failed = results(store, manifest)
    profile = merge(unpack(store.read(location(one.profile_uri))) for one in done)
    rows = [Sampled.model_validate(row) for one in done for row in store.read_json_lines(location(one.sample_uri))]
    store.write(places.profile, pack(profile))
    store.write_json(places.strata, strata_of(profile).model_dump(mode="json"))
    store.write_json_lines(
        places.sampled, [row.model_dump(mode="json") for row in first_of(rows, rule.toxicity_sample)]
    )
    why = design_sample(ledger, store, bucket, task, rule, now)
    return Merged(
        records=profile.different_records,
        unreadable=profile.unreadable,
        failed=failed,
        batches=len(done) + failed,
        toxicity_due=why is not None,
        toxicity_why=why,
    )


def results(store: Store, manifest: Location) -> tuple[list[BatchProfile], int]:
    """What the children answered, and how many failed."""
    listed: dict[str, list[dict[str, Any]]] = store.read_json(manifest)["ResultFiles"]
    done = [
        BatchProfile.model_validate(json.loads(entry["Output"]))
        for entry in _entries(store, manifest.bucket, listed.get("SUCCEEDED", []))
    ]
    return done, sum(
        1 for kind in ("FAILED", "PENDING") for _ in _entries(store, manifest.bucket, listed.get(kind, []))
    )


def _entries(store: Store, bucket: str, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for file in files for entry in store.read_json(Location(bucket, file["Key"]))]
