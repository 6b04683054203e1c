"""Labelled rows that come back: with the rows of the use case's own dataset they are its next version."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound
from fmops.core.events import Problem
from fmops.core.ledger import Ledger
from fmops.datasets import labelling, places, store
from fmops.datasets.dropped import Dropped, Refusal
from fmops.datasets.labelling import LabelRequest
from fmops.datasets.lines import HashedLines, LineTooLong
from fmops.datasets.models import Columns, Dataset, Manifest, ManifestFile, Row, Split
from fmops.datasets.rows import MOST_PROBLEMS, parse_object
from fmops.text.normal import fingerprint, tokens
from fmops.usecases.models import UseCase

FILE = "labelled.jsonl"
_OPTIONAL = ("category", "group", "context")
_SPLITS: tuple[Split, ...] = ("train", "test")
_CONTENT = 12


class Labels(NamedTuple):
    """Takes in labelled rows: reads what was dropped and what it is added to, writes into the artifacts bucket."""

    ledger: Ledger
    store: Store
    artifacts: str

    def take(self, dropped: Location, version: str | None, place: places.LabelsPlace, use_case: UseCase) -> Dropped:
        """The dataset that these rows and those of the base make. Refusal where they are not what was asked for."""
        request = self._request(place, use_case)
        base = store.load(self.ledger, request.base.name, request.base.version)
        labelled = self._labelled(dropped, version, request, use_case)
        new_version = f"{request.request_id}-{_sha256(labelled)[:_CONTENT]}"
        below = places.own_manifest(self.artifacts, base.name, new_version)
        folder = below.key.removesuffix("manifest.json")
        copied = _Copied(self.store, Location(self.artifacts, folder))
        files = [file for split in _SPLITS if (file := copied.rows(base, split)) is not None]
        rows = [row for row in labelled if fingerprint(tokens(row["input"])) not in copied.questions]
        if not rows:
            problem = "the dataset holds all of these prompts already"
            raise _refusal(problem, "label others, or start a run on the newest dataset", use_case, new_version)
        content = _lines(rows)
        self.store.write(Location(self.artifacts, folder + FILE), content, "application/x-ndjson")
        files.append(ManifestFile(path=FILE, sha256=hashlib.sha256(content).hexdigest()))
        manifest = Manifest(
            name=base.name,
            version=new_version,
            task=base.task,
            columns=Columns(id="id", input="input", target=copied.target(base), **copied.columns),
            files=files,
            labels=base.labels,
            owner=use_case.owner,
            licence=base.licence,
            description=f"{base.name} {base.version}, and {len(rows)} labelled prompts of drift since {request.since}",
        )
        self.store.write_json(below, manifest.model_dump(mode="json"))
        return Dropped(manifest, self.artifacts, folder, below.uri, retraining_of=use_case.name)

    def _request(self, place: places.LabelsPlace, use_case: UseCase) -> LabelRequest:
        try:
            return labelling.find(self.ledger, place.use_case, place.request_id)
        except NotFound as error:
            problem = f"nobody asked for labels under {place.request_id} of {place.use_case}"
            raise _refusal(problem, "take the name from the mail that asked for them", use_case) from error

    def _labelled(
        self, dropped: Location, version: str | None, request: LabelRequest, use_case: UseCase
    ) -> list[dict[str, str]]:
        """The rows that have a label, in the order of their ids."""
        asked = {str(row["id"]) for row in self.store.read_json_lines(location(request.prompts_uri))}
        reader = _Reader(asked, needs_target=use_case.task != "open_ended")
        problems: list[Problem] = []
        try:
            lines = HashedLines(self.store.open_pinned(dropped, version).body)
            found = {row["id"]: row for row in reader.read(lines, problems)}
        except LineTooLong as error:
            advice = "put one JSON object on each line"
            raise _refusal(str(error), advice, use_case, request.request_id) from error
        if problems:
            raise Refusal(problems, use_case.owner, request.request_id)
        if not found:
            problem, advice = "no row has a label", "write the right answer into `target` of at least one row"
            raise _refusal(problem, advice, use_case, request.request_id)
        return [found[name] for name in sorted(found)]


class _Reader:
    """Labelled rows of a file."""

    def __init__(self, asked: set[str], *, needs_target: bool) -> None:
        self._asked, self._needs_target = asked, needs_target

    def read(self, lines: HashedLines, problems: list[Problem]) -> Iterator[dict[str, str]]:
        """Those that have a label; the faults of the others go to `problems`, but for a label that is missing."""
        for number, line in enumerate(lines, start=1):
            if not line.strip() or len(problems) >= MOST_PROBLEMS:
                continue
            value = parse_object(line, FILE, number, problems)
            row = None if value is None else self._row(value, number, problems)
            if row is not None:
                yield row

    def _row(self, value: dict[str, Any], number: int, problems: list[Problem]) -> dict[str, str] | None:
        name, text, target = (value.get(member) for member in ("id", "input", "target"))
        if name not in self._asked:
            advice = "send back rows of the file that was sent; other rows make a dataset of their own"
            problems.append(Problem(file=FILE, line=number, problem="the row's id was not asked for", advice=advice))
            return None
        if not isinstance(text, str) or not text.strip():
            advice = "leave the prompt as it was"
            problems.append(Problem(file=FILE, line=number, problem="`input` is empty or no text", advice=advice))
            return None
        label = "" if target is None or isinstance(target, bool) else str(target).strip()
        if not label and self._needs_target:
            return None
        return {"id": str(name), "input": text, **({"target": label} if label else {})}


class _Copied:
    """Puts the base's rows beside the labelled ones, and looks at what they hold."""

    def __init__(self, store: Store, folder: Location) -> None:
        self._store, self._folder = store, folder
        self._seen: set[str] = set()
        self.questions: set[int] = set()
        """Fingerprints of what they ask."""

    def rows(self, base: Dataset, split: Split) -> ManifestFile | None:
        """One side of the base; None where it has no row."""
        source = location(base.train_uri if split == "train" else base.test_uri)
        lines, rows = HashedLines(self._store.open_pinned(source).body), 0
        for line in lines:
            row = Row.model_validate_json(line)
            self._seen |= row.model_fields_set
            self.questions.add(fingerprint(tokens(row.question)))
            rows += 1
        if not rows:
            return None
        file = ManifestFile(path=f"{split}.jsonl", sha256=lines.sha256, split=split)
        self._store.copy(source, self._folder.child(file.path))
        return file

    @property
    def columns(self) -> dict[str, str]:
        """The optional ones that some row has."""
        return {name: name for name in _OPTIONAL if name in self._seen}

    def target(self, base: Dataset) -> str | None:
        return "target" if base.task != "open_ended" or "target" in self._seen else None


def _lines(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")


def _sha256(rows: list[dict[str, str]]) -> str:
    return hashlib.sha256(_lines(rows)).hexdigest()


def _refusal(problem: str, advice: str, use_case: UseCase, version: str = "") -> Refusal:
    return Refusal([Problem(file=FILE, problem=problem, advice=advice)], use_case.owner, version)
