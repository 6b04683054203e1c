"""Answers in Parquet: those that the same candidate gave before are found again, new ones are kept as they come.

The store of a candidate is the prefix `answers/<fingerprint>/` in the artifacts bucket. The job gets it as an input,
and adds files through an output that is uploaded continuously: a job that dies leaves what it was told by then.
"""

import contextlib
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from fmops.core.ids import digest
from fmops.evaluation.models import KNOWN_FOLDER, Known
from fmops.evaluation.targets import Identity

SUFFIX: Final = ".parquet"
_EVERY_SECONDS, _EVERY_ANSWERS = 5.0, 500

SCHEMA: Final = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("prompt_fingerprint", pa.string(), nullable=False),
        pa.field("candidate_fingerprint", pa.string(), nullable=False),
        pa.field("artifact", pa.string(), nullable=False),
        pa.field("prompt_template", pa.string(), nullable=False),
        pa.field("decoding", pa.string(), nullable=False),
        pa.field("guardrail", pa.string()),
        pa.field("tokenizer", pa.string()),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("prompt", pa.string(), nullable=False),
        pa.field("answer", pa.string()),
        pa.field("failure", pa.string()),
        pa.field("latency_ms", pa.float64()),
        pa.field("machine_ms", pa.float64()),
        pa.field("input_tokens", pa.int64()),
        pa.field("output_tokens", pa.int64()),
        pa.field("intervened", pa.bool_(), nullable=False),
        pa.field("reused", pa.bool_(), nullable=False),
        pa.field("answered_at", pa.timestamp("ms", tz="UTC"), nullable=False),
    ]
)


class Kept(NamedTuple):
    """What became of one prompt. Either `answer` or `failure` is set."""

    prompt: str
    answer: str | None
    failure: str | None
    latency_ms: float | None
    machine_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    intervened: bool
    answered_at: datetime
    reused: bool = False


class Author(NamedTuple):
    """Whose answers, and in which run."""

    identity: Identity
    run_id: str

    def row(self, record_id: str, kept: Kept) -> dict[str, Any]:
        """A row of the schema."""
        parts = self.identity.model_dump(mode="json")
        return {
            "record_id": record_id,
            "prompt_fingerprint": prompt_fingerprint(kept.prompt),
            "candidate_fingerprint": self.identity.fingerprint,
            "run_id": self.run_id,
            **parts,
            **kept._asdict(),
        }


def prompt_fingerprint(prompt: str) -> str:
    """Stands for a prompt as it is sent."""
    return digest(prompt)


def earlier(folder: Path, identity: Identity) -> dict[str, Kept]:
    """The good answers of the candidate below a folder, by prompt; of several the newest.

    A file that can't be read is passed over: its prompts are asked again.
    """
    found: dict[str, Kept] = {}
    for row in _rows(folder):
        if row["candidate_fingerprint"] != identity.fingerprint or row["answer"] is None:
            continue
        kept = Kept(**{name: row[name] for name in Kept._fields})._replace(reused=True)
        known = found.get(kept.prompt)
        if known is None or known.answered_at < kept.answered_at:
            found[kept.prompt] = kept
    return found


def write(file: Path, author: Author, rows: Iterable[tuple[str, Kept]]) -> None:
    """All rows as one file, which is whole as soon as it has its name."""
    table = pa.Table.from_pylist([author.row(record_id, kept) for record_id, kept in rows], schema=SCHEMA)
    unfinished = file.with_suffix(".part")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.rename(file)


def say_known(folder: Path, asks: str | None, *, complete: bool) -> None:
    """Leave word for later jobs whether all answers to a job's prompts are kept."""
    if asks is None:
        return
    place = folder / KNOWN_FOLDER
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{asks}.json").write_text(Known(complete=complete).model_dump_json(), encoding="utf-8")


class Keeper:
    """Keeps new answers in files of their own, every few seconds. Failures are not kept: they are asked again."""

    def __init__(self, folder: Path, author: Author, record_ids: Mapping[str, str]) -> None:
        """`record_ids`: of each prompt the first row that has it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._author = author
        self._record_ids = record_ids
        self._name = f"{author.run_id}-{uuid.uuid4().hex[:8]}"
        self._waiting: list[tuple[str, Kept]] = []
        self._files = 0
        self._last = time.monotonic()

    def keep(self, kept: Kept) -> None:
        if kept.answer is None:
            return
        self._waiting.append((self._record_ids[kept.prompt], kept))
        if len(self._waiting) >= _EVERY_ANSWERS or time.monotonic() - self._last >= _EVERY_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._files += 1
            write(self._folder / f"{self._name}-{self._files:05}{SUFFIX}", self._author, self._waiting)
            self._waiting = []
        self._last = time.monotonic()


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.rglob(f"*{SUFFIX}")):
        table = None
        with contextlib.suppress(pa.ArrowException, OSError):
            table = pq.read_table(file, partitioning=None).cast(SCHEMA)
        if table is None:
            print(f"kept answers passed over: {file.name} can't be read", flush=True)
        else:
            yield from table.to_pylist()
