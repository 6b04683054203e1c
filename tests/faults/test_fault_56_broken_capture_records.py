"""Malformed, truncated, gzipped and base64 capture records: what can't be read is counted, the rest is used."""

import base64
import gzip
import io
import json
from typing import Any

from fmops.core.artifacts import Location, Opened, Store
from fmops.monitoring.models import CapturedObject, WatchPlaces
from fmops.monitoring.profile.model import unpack
from fmops.monitoring.profiling import BatchTask, profile_batch
from fmops.text.lexicon import Lexicon
from fmops.usecases.store import check
from tests.integration.monitoring.test_window import USE_CASE as DOCUMENT

USE_CASE = check(DOCUMENT)


class Bucket(Store):
    """Objects in memory."""

    def __init__(self) -> None:
        super().__init__(None)
        self.objects: dict[Location, bytes] = {}

    def open_pinned(self, place: Location, version: str | None = None) -> Opened:
        return Opened(io.BytesIO(self.objects[place]), version)

    def write(self, place: Location, content: Any, content_type: str = "") -> str | None:
        self.objects[place] = content
        return None


def record(number: int, encoding: str = "JSON") -> bytes:
    def side(payload: Any) -> dict[str, str]:
        text = json.dumps(payload)
        return {
            "data": base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text,
            "encoding": encoding,
        }

    sides = {"endpointInput": side({"inputs": "why"}), "endpointOutput": side([{"generated_text": "because"}])}
    return json.dumps({"captureData": sides, "eventMetadata": {"eventId": f"event-{number}"}}).encode()


def test_fault_56_broken_records_are_counted_and_sampled_and_the_rest_is_used() -> None:
    zipped = gzip.compress(b"\n".join(record(n) for n in range(400)))
    files = {
        "good.jsonl": b"\n".join(record(n, "BASE64") for n in range(1_000, 1_010)),
        "zipped.jsonl.gz": gzip.compress(b"\n".join(record(n) for n in range(2_000, 2_010))),
        "malformed.jsonl": b"\n".join(
            [b"{broken", record(3_000), b"\xff\xfe\x00", b'{"captureData": {}}', record(3_001)]
        ),
        "truncated.jsonl": record(4_000) + b"\n" + record(4_001)[:-30],
        "truncated.jsonl.gz": zipped[: len(zipped) - 200],
        "empty.jsonl": b"",
    }
    bucket = Bucket()
    for name, content in files.items():
        bucket.objects[Location("capture", name)] = content
    objects = [CapturedObject(bucket="capture", key=name, size=len(files[name]), etag=name) for name in sorted(files)]
    task = BatchTask(use_case="u", window_start="2026-11-24T05:00:00.000Z", window_hours=1, objects=objects)

    done = profile_batch(bucket, "artifacts", task, USE_CASE, Lexicon())

    places = WatchPlaces("artifacts", "u", "2026-11-24T05:00Z")
    made = unpack(bucket.objects[places.profiles.child(f"{task.name}.npz")])
    of_archive = made.records - 23
    assert 0 < of_archive < 400
    assert done.unreadable == made.unreadable == 3 + 1 + 1
    assert made.counts("answer_words").sum() == done.records
    (kept,) = [content for place, content in bucket.objects.items() if place.key.startswith(places.quarantine.key)]
    assert b"{broken" in kept
    assert record(3_000) not in kept
