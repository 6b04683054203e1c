"""Reads all files of a dataset once, row by row: what is good goes to its side, what is wrong is named."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, NamedTuple, Self

from fmops.core.artifacts import Location, Store
from fmops.core.errors import NotFound
from fmops.core.events import Problem
from fmops.datasets.lines import HashedLines, LineTooLong
from fmops.datasets.models import (
    LONGEST_LABEL,
    MOST_LABELS,
    Manifest,
    ManifestFile,
    Overlap,
    PinnedFile,
    QualityReport,
    Row,
)
from fmops.datasets.overlaps import OverlapFinder
from fmops.datasets.quality import TEST, TRAIN, Profile, Read
from fmops.datasets.rows import RowReader, side

_SIDES = {"train": TRAIN, "test": TEST}


class Collected(NamedTuple):
    """A dataset that has no fault."""

    pinned: list[PinnedFile]
    labels: list[str]
    quality: QualityReport
    overlaps: list[Overlap]


class Collection:
    """The rows of a dataset on their way to where they are kept; `sides` are files, since memory is small."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest, self._reader = manifest, RowReader(manifest)
        self._profile, self._finder = Profile(manifest), OverlapFinder()
        self._seen: set[str] = set()
        self._files = ExitStack()
        self.sides: dict[str, IO[bytes]] = {}
        self.problems: list[Problem] = []
        self._pinned: list[PinnedFile] = []

    def __enter__(self) -> Self:
        for name in _SIDES:
            self.sides[name] = self._files.enter_context(tempfile.TemporaryFile())
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def read(self, store: Store, bucket: str, folder: str) -> Collected | None:
        """Read what the manifest names; None where `problems` says what is wrong."""
        for file in self._manifest.files:
            self._read_file(store, Location(bucket, folder + file.path), file)
        # A file that could not be read says nothing about columns or sides.
        if not self.problems:
            self.problems += [*self._reader.unseen(), *self._faults_of_all()]
        if self.problems:
            return None
        for written in self.sides.values():
            written.seek(0)
        overlaps = self._finder.finish(self._profile)
        labels = self._profile.labels() if self._manifest.task == "classification" else []
        return Collected(self._pinned, labels, self._profile.report(overlaps), overlaps)

    def _read_file(self, store: Store, place: Location, file: ManifestFile) -> None:
        try:
            opened = store.open_pinned(place)
        except NotFound:
            advice = "upload the file before the manifest, or take it off the manifest's list"
            self.problems.append(Problem(file=file.path, problem="the file does not exist", advice=advice))
            return
        lines, found = HashedLines(opened.body), list[Problem]()
        try:
            for row in self._rows(lines, file, found):
                self._take(row, file, found)
            for _ in lines:
                # The rest behind too many faults still counts for the hash.
                pass
        except LineTooLong as error:
            found.append(Problem(file=file.path, problem=str(error), advice="put one JSON object on each line"))
        else:
            if lines.sha256 != file.sha256:
                # Whatever else is wrong with it, it is not the file that was meant.
                problem = f"the file's sha256 is {lines.sha256}, the manifest says {file.sha256}"
                advice = "upload the right file again, or write the manifest anew"
                found = [Problem(file=file.path, problem=problem, advice=advice)]
        self.problems += found
        self._pinned.append(PinnedFile(path=file.path, sha256=file.sha256, version=opened.version, size=lines.size))

    def _rows(self, lines: HashedLines, file: ManifestFile, problems: list[Problem]) -> Iterator[Row]:
        yield from self._reader.read(lines, file.path, problems)

    def _take(self, row: Row, file: ManifestFile, problems: list[Problem]) -> None:
        if row.id in self._seen:
            advice = "give each row an id of its own, over all files"
            problems.append(Problem(file=file.path, problem=f"the id {row.id!r} is used twice", advice=advice))
            return
        self._seen.add(row.id)
        read = Read.of(row)
        name = side(self._manifest.name, read.split_key, file.split)
        self._profile.add(read, _SIDES[name])
        self._finder.add(read, _SIDES[name])
        self.sides[name].write(row.model_dump_json(exclude_none=True).encode() + b"\n")

    def _faults_of_all(self) -> Iterator[Problem]:
        if not self._profile.count(TEST):
            advice = "add rows, or a file with the split test: without test rows nothing can be compared"
            yield Problem(file="manifest.json", problem="no row is left for the test", advice=advice)
        if self._manifest.task == "classification":
            yield from self._faults_of_labels()

    def _faults_of_labels(self) -> Iterator[Problem]:
        labels, advice = self._profile.labels(), "name one label in each row, or choose another task"
        if len(labels) > MOST_LABELS:
            problem = f"there are more than {MOST_LABELS} different targets: these are no labels"
            yield Problem(file="manifest.json", problem=problem, advice=advice)
        elif any(len(label) > LONGEST_LABEL for label in labels):
            problem = f"some targets have more than {LONGEST_LABEL} characters: these are no labels"
            yield Problem(file="manifest.json", problem=problem, advice=advice)
