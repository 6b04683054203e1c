"""Where datasets lie in the buckets."""

import re
from typing import NamedTuple

from fmops.core.artifacts import Location
from fmops.core.ids import short_hash

_MANIFEST = re.compile(r"^datasets/(?P<name>[^/]+)/(?P<version>[^/]+)/manifest\.json$")
_INBOX = re.compile(r"^inbox/(?:(?P<folder>[^/]+)/)?(?P<file>[^/]+)\.jsonl$")
_LABELS = re.compile(r"^labels/(?P<use_case>[a-z0-9-]+)/(?P<request_id>drift-[0-9a-f]{12})\.jsonl$")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


class ManifestPlace(NamedTuple):
    """The folder of a dataset version, from its manifest's key."""

    name: str
    version: str
    folder: str


class InboxPlace(NamedTuple):
    """A lone file: the dataset's name comes from its folder, else from its own name."""

    name: str
    file: str


def manifest_place(key: str) -> ManifestPlace | None:
    match = _MANIFEST.match(key)
    return ManifestPlace(match["name"], match["version"], key.removesuffix("manifest.json")) if match else None


def inbox_place(key: str) -> InboxPlace | None:
    match = _INBOX.match(key)
    if not match:
        return None
    return InboxPlace(slug(match["folder"] or match["file"]), key.rsplit("/", 1)[1])


class LabelsPlace(NamedTuple):
    """Labelled rows that were asked for."""

    use_case: str
    request_id: str


def labels_place(key: str) -> LabelsPlace | None:
    match = _LABELS.match(key)
    return LabelsPlace(match["use_case"], match["request_id"]) if match else None


def labels(bucket: str, use_case: str, request_id: str) -> Location:
    """Where labelled rows are dropped."""
    return Location(bucket, f"labels/{use_case}/{request_id}.jsonl")


def slug(text: str) -> str:
    """A dataset's name from any text; two texts that look alike afterwards differ by a hash."""
    plain = _NOT_SLUG.sub("-", text.lower()).strip("-")
    if plain == text and len(plain) <= 40:
        return plain
    tail = short_hash(text, length=6)
    return f"{plain[:33].strip('-')}-{tail}".strip("-") if plain else f"dataset-{tail}"


class Kept(NamedTuple):
    """What is kept of one dataset version: one folder for one content."""

    bucket: str
    name: str
    version: str
    manifest_digest: str

    def rows(self, split: str) -> Location:
        """The normalised rows of one side of the split."""
        return self._root.child(f"{split}.jsonl")

    @property
    def quality(self) -> Location:
        return self._root.child("quality.json")

    @property
    def overlaps(self) -> Location:
        """Test rows that stand in the training rows."""
        return self._root.child("overlaps.json")

    @property
    def _root(self) -> Location:
        content = self.manifest_digest.removeprefix("sha256:")[:12]
        return Location(self.bucket, f"datasets/{self.name}/{self.version}/{content}")


def own_manifest(bucket: str, name: str, version: str) -> Location:
    """The manifest that we write for a lone file."""
    return Location(bucket, f"datasets/{name}/{version}/manifest.json")
