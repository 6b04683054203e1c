"""Takes in what was dropped into the datasets bucket: validates, pins, registers, or says what is wrong."""

import json
from datetime import datetime

from pydantic import ValidationError

from fmops.core.artifacts import Location, Store
from fmops.core.errors import AlreadyExists, NotFound
from fmops.core.events import DatasetRejected, Emitter, Problem
from fmops.core.ids import digest
from fmops.core.ledger import Ledger
from fmops.core.models import Ours, Theirs
from fmops.core.plain import one_line
from fmops.datasets import places, rows, store
from fmops.datasets.collecting import Collected, Collection
from fmops.datasets.dropped import Dropped, Refusal
from fmops.datasets.labelled import Labels
from fmops.datasets.lines import HashedLines, LineTooLong
from fmops.datasets.models import Columns, Dataset, Manifest, ManifestFile
from fmops.usecases import resolve
from fmops.usecases.models import UseCase
from fmops.usecases.store import explain

SHOWN_PROBLEMS = 20
"""How many problems an event and a mail carry, each shortened; an event holds 256 KB at most."""
_LONGEST_PROBLEM = 500
_CONTENT_VERSION = 12


class ObjectCreated(Theirs):
    """The part of S3's `Object Created` event that we read. Keys come as they are, not URL-encoded."""

    bucket: str
    key: str
    version: str | None = None


class Outcome(Ours):
    """What became of a dropped object."""

    status: str
    dataset: str = ""
    version: str = ""
    train_rows: int = 0
    test_rows: int = 0
    problems: int = 0


class Intake:
    """Registers datasets."""

    def __init__(self, ledger: Ledger, store_: Store, emitter: Emitter, artifacts_bucket: str) -> None:
        self._ledger, self._store, self._emitter, self._artifacts = ledger, store_, emitter, artifacts_bucket

    def take(self, created: ObjectCreated, use_cases: list[UseCase], now: datetime) -> Outcome:
        """Register the dataset that this object completes, or reject it and say why.

        Other objects (a dataset's files before its manifest) are passed over. The same object twice changes nothing.
        """
        manifest_place, inbox_place = places.manifest_place(created.key), places.inbox_place(created.key)
        labels_place = places.labels_place(created.key)
        try:
            if manifest_place is not None and self._is_superseded(created):
                return Outcome(status="superseded")
            if manifest_place is not None:
                name, version = manifest_place.name, manifest_place.version
                dropped = self._manifest(created, manifest_place)
            elif inbox_place is not None:
                name, version = inbox_place.name, ""
                dropped = self._lone_file(created, inbox_place, use_cases)
            elif labels_place is not None:
                name, version = labels_place.use_case, labels_place.request_id
                dropped = self._labels(created, labels_place, use_cases)
            else:
                return Outcome(status="ignored")
            return self._register(dropped, now)
        except Refusal as refusal:
            owner = refusal.owner or _owner(_matching(use_cases, name))
            return self._reject(created, places.slug(name), refusal.version or version, owner, refusal.problems, now)

    def _is_superseded(self, created: ObjectCreated) -> bool:
        """Whether a newer manifest lies there: events come in any order, and its own decides."""
        if created.version is None:
            return False
        try:
            return self._store.newest_version(Location(created.bucket, created.key)) != created.version
        except NotFound:
            # Taken back before it was read.
            return True

    def _manifest(self, created: ObjectCreated, place: places.ManifestPlace) -> Dropped:
        where = Location(created.bucket, created.key)
        try:
            document = json.loads(self._store.read(where, created.version).decode("utf-8-sig"))
        except ValueError as error:
            problem = f"the manifest is no JSON in UTF-8 ({error})"
            raise Refusal(
                [Problem(file="manifest.json", problem=problem, advice="write it as one JSON object")]
            ) from error
        owner = document.get("owner", "") if isinstance(document, dict) else ""
        try:
            manifest = Manifest.model_validate(document)
        except ValidationError as error:
            advice = "correct this member of the manifest; docs/datasets.md describes each"
            problems = [Problem(file="manifest.json", problem=text, advice=advice) for text in explain(error)]
            raise Refusal(problems, owner if isinstance(owner, str) and "@" in owner else "") from error
        if (manifest.name, manifest.version) != (place.name, place.version):
            problem = (
                f"the manifest is of {manifest.name}/{manifest.version}, its folder of {place.name}/{place.version}"
            )
            advice = "give both the same name and version"
            raise Refusal([Problem(file="manifest.json", problem=problem, advice=advice)], manifest.owner or "")
        return Dropped(manifest, created.bucket, place.folder, where.uri)

    def _lone_file(self, created: ObjectCreated, place: places.InboxPlace, use_cases: list[UseCase]) -> Dropped:
        """The manifest that a lone file lacks: its version is its content, so the same content is the same version."""
        matching = _matching(use_cases, place.name)
        task = matching[0].task if matching else "question_answering"
        opened = self._store.open_pinned(Location(created.bucket, created.key), created.version)
        lines, problems = HashedLines(opened.body), list[Problem]()
        try:
            columns = _columns(lines, place.file, needs_target=task != "open_ended", problems=problems)
            for _ in lines:
                pass
        except LineTooLong as error:
            advice = "put one JSON object on each line"
            raise Refusal([Problem(file=place.file, problem=str(error), advice=advice)], _owner(matching)) from error
        version = f"content-{lines.sha256[:_CONTENT_VERSION]}"
        if columns is None:
            raise Refusal(problems, _owner(matching), version)
        manifest = Manifest(
            name=place.name,
            version=version,
            task=task,
            columns=columns,
            files=[ManifestFile(path=place.file, sha256=lines.sha256)],
            owner=_owner(matching) or None,
            description=f"made from {created.key}",
        )
        written = places.own_manifest(self._artifacts, manifest.name, version)
        self._store.write_json(written, manifest.model_dump(mode="json"))
        return Dropped(manifest, created.bucket, created.key.removesuffix(place.file), written.uri)

    def _labels(self, created: ObjectCreated, place: places.LabelsPlace, use_cases: list[UseCase]) -> Dropped:
        use_case = next((one for one in use_cases if one.name == place.use_case), None)
        if use_case is None:
            problem = f"there is no use case {place.use_case!r}"
            raise Refusal([Problem(file=created.key, problem=problem, advice="take the name from the mail")])
        labels = Labels(self._ledger, self._store, self._artifacts)
        return labels.take(Location(created.bucket, created.key), created.version, place, use_case)

    def _register(self, dropped: Dropped, now: datetime) -> Outcome:
        manifest = dropped.manifest
        manifest_digest = digest(manifest.model_dump(mode="json"))
        known = store.find(self._ledger, manifest.name, manifest.version)
        if known is None:
            known = self._write(dropped, manifest_digest)
            try:
                store.register(self._ledger, known, now)
                status = "registered"
            except AlreadyExists:
                known, status = store.load(self._ledger, manifest.name, manifest.version), "known"
        else:
            status = "known"
        if known.manifest_digest != manifest_digest:
            problem = f"version {manifest.version} is registered already with other content"
            advice = "a registered version never changes: give this one another version"
            raise Refusal([Problem(file="manifest.json", problem=problem, advice=advice)], manifest.owner or "")
        self._ledger.announce(store.key(known.name, known.version), self._emitter)
        return Outcome(
            status=status,
            dataset=known.name,
            version=known.version,
            train_rows=known.train_rows,
            test_rows=known.test_rows,
        )

    def _write(self, dropped: Dropped, manifest_digest: str) -> Dataset:
        """Validate all files, then write the normalised rows and what was found in them."""
        manifest = dropped.manifest
        # Below the digest: whoever brings other content under this version overwrites nothing before it is refused.
        below = places.Kept(self._artifacts, manifest.name, manifest.version, manifest_digest)
        with Collection(manifest) as collection:
            collected = collection.read(self._store, dropped.bucket, dropped.folder)
            if collected is None:
                raise Refusal(collection.problems, manifest.owner or "", manifest.version)
            for split, written in collection.sides.items():
                self._store.write(below.rows(split), written, "application/x-ndjson")
        self._store.write_json(below.quality, collected.quality.model_dump(mode="json"))
        self._store.write_json(below.overlaps, [overlap.model_dump(mode="json") for overlap in collected.overlaps])
        return _dataset(dropped, collected, below, manifest_digest)

    def _reject(
        self, created: ObjectCreated, name: str, version: str, owner: str, problems: list[Problem], now: datetime
    ) -> Outcome:
        event = DatasetRejected(
            run_id="",
            use_case="",
            dataset=name,
            version=version,
            bucket=created.bucket,
            key=created.key,
            owner=owner,
            problems=[_shortened(problem) for problem in problems[:SHOWN_PROBLEMS]],
            problem_count=len(problems),
        )
        object_version = created.version or "none"
        try:
            place = store.reject(self._ledger, event, object_version, now)
        except AlreadyExists:
            place = store.rejection_key(name, version, object_version)
        self._ledger.announce(place, self._emitter)
        return Outcome(status="rejected", dataset=name, version=version, problems=len(problems))


def _dataset(dropped: Dropped, collected: Collected, kept: places.Kept, manifest_digest: str) -> Dataset:
    manifest = dropped.manifest
    return Dataset(
        name=manifest.name,
        version=manifest.version,
        task=manifest.task,
        owner=manifest.owner or "",
        licence=manifest.licence,
        manifest_digest=manifest_digest,
        manifest_uri=dropped.manifest_uri,
        files=collected.pinned,
        train_rows=collected.quality.train_rows,
        test_rows=collected.quality.test_rows,
        train_uri=kept.rows("train").uri,
        test_uri=kept.rows("test").uri,
        quality_uri=kept.quality.uri,
        overlaps_uri=kept.overlaps.uri,
        labels=collected.labels,
        retraining_of=dropped.retraining_of,
    )


def _columns(lines: HashedLines, file: str, *, needs_target: bool, problems: list[Problem]) -> Columns | None:
    """The columns of a file without a manifest, from its first row; the lines behind it are left."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        first = rows.parse_object(line, file, number, problems)
        if first is None:
            return None
        columns = rows.guess_columns(first, needs_target=needs_target)
        if columns is None:
            problem = f"no columns that are known by name, only {', '.join(sorted(first)) or 'none'}"
            advice = f"name them so ({rows.usual_names()}), or write a manifest"
            problems.append(Problem(file=file, line=number, problem=problem, advice=advice))
        return columns
    problems.append(Problem(file=file, problem="the file is empty", advice="put one JSON object on each line"))
    return None


def _matching(use_cases: list[UseCase], dataset: str) -> list[UseCase]:
    return [use_case for use_case in use_cases if resolve.of_dataset([use_case], dataset, use_case.task)]


def _owner(matching: list[UseCase]) -> str:
    """Who is told about a dataset that names no owner: the owner of the first use case that it belongs to."""
    return matching[0].owner if matching else ""


def _shortened(problem: Problem) -> Problem:
    """For an event: names and values of the data can be of any length."""
    shown = {name: one_line(getattr(problem, name), _LONGEST_PROBLEM) for name in ("problem", "advice")}
    return problem.model_copy(update=shown)
