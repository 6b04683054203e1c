"""S3's objects, with all their versions: what is known of them as entries, what is in them as files."""

import shutil
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from moto.s3.models import FakeDeleteMarker, FakeKey

from local.keeping.store import Store, packed, unpacked
from local.moto_state import MotoState

_CONTENT = "kept_as"
"""The member of moto's key that names the file with its content."""


class Objects(Store):
    """One entry for each key of a bucket; one file for each version, written once.

    Buckets that are filled at each start, such as the hub's, are left out.
    """

    name = "s3"

    def __init__(self, state: MotoState, folder: Path, without: frozenset[str]) -> None:
        self._state = state
        self._folder = folder
        self._without = without
        self._seen = -1
        self._taken: dict[str, bytes] = {}
        self._versions: dict[str, list[Any]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def take(self) -> dict[str, bytes]:
        with self._state.locked("s3"):
            if self._seen == self._state.changes("s3"):
                return self._taken
            seen = self._state.changes("s3")
            now = {
                f"{bucket.name}/{name}": list(bucket.keys.getlist(name))
                for bucket in self._buckets().values()
                for name in bucket.keys
            }
        # Content is copied while others go on: a version never changes, it can only go.
        entries = {}
        for key, versions in now.items():
            before = self._versions.get(key)
            if before is not None and len(before) == len(versions) and all(map(_same, before, versions)):
                entries[key] = self._taken[key]
            else:
                bucket = key.partition("/")[0]
                entries[key] = packed((bucket, [kept for one in versions if (kept := self._kept(one))]))
        self._seen, self._taken, self._versions = seen, entries, now
        return entries

    def written(self) -> None:
        """Delete the content of what is gone, now that no entry names it."""
        named = {getattr(one, _CONTENT, "") for versions in self._versions.values() for one in versions}
        for file in self._folder.iterdir():
            if file.name not in named:
                file.unlink()

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("s3"):
            buckets = self._buckets()
            for bucket in buckets.values():
                for name in list(bucket.keys):
                    bucket.keys.pop(name)
            for key, entry in entries.items():
                bucket_name, versions = unpacked(entry)
                if bucket_name in buckets:
                    name = key.partition("/")[2]
                    buckets[bucket_name].keys.setlist(name, [self._opened(one) for one in versions])

    def _buckets(self) -> dict[str, Any]:
        found = self._state.backend("s3").buckets
        return {name: bucket for name, bucket in found.items() if name not in self._without}

    def _kept(self, version: Any) -> dict[str, Any] | None:
        """None for a version that goes away meanwhile."""
        if isinstance(version, FakeDeleteMarker):
            return {"marker": {**vars(version), "key": None}}
        if not hasattr(version, _CONTENT):
            name = uuid.uuid4().hex
            try:
                with version.lock, (self._folder / name).open("wb") as file:
                    version._value_buffer.seek(0)
                    shutil.copyfileobj(version._value_buffer, file, 1 << 20)
            except ValueError:
                return None
            setattr(version, _CONTENT, name)
        state = {name: value for name, value in vars(version).items() if name not in ("_value_buffer", "lock")}
        # Parts are part of the content by now.
        return {"version": {**state, "multipart": None}}

    def _opened(self, kept: dict[str, Any]) -> Any:
        if "marker" in kept:
            marker = FakeDeleteMarker.__new__(FakeDeleteMarker)
            marker.__dict__.update(kept["marker"])
            return marker
        version = FakeKey.__new__(FakeKey)
        content = _Content(self._folder / kept["version"][_CONTENT])
        version.__dict__.update(kept["version"], lock=threading.Lock(), _value_buffer=content)
        return version


class _Content:
    """A file to read from, opened only meanwhile: there may be more of them than a process may open."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._at = 0
        self._closed = False

    def seek(self, place: int, _whence: int = 0) -> int:
        self._at = place
        return place

    def read(self, size: int = -1) -> bytes:
        if self._closed:
            raise ValueError("this version was deleted")
        with self._open() as file:
            file.seek(self._at)
            found = file.read(size)
        self._at += len(found)
        return found

    def close(self) -> None:
        self._closed = True

    def _open(self) -> BinaryIO:
        return self._file.open("rb")


def _same(one: Any, other: Any) -> bool:
    return one is other
