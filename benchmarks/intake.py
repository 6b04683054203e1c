"""How long 100,000 rows take to be validated and compared with each other, and how much memory.

The whole of `Intake.take`: reading, hashing, faults, quality, overlaps, writing; store and ledger are of this machine.
"""

import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from benchmarks.record import Figure
from fmops.core.artifacts import Location, Opened, Store
from fmops.core.errors import NotFound
from fmops.core.events import Emitter
from fmops.core.ledger import Key, Ledger
from fmops.datasets.intake import Intake, ObjectCreated

ROWS, PLANTED = 100_000, 200
VOCABULARY = 30_000
_BUCKET = "datasets"
_KEY = "datasets/bench/v1/manifest.json"
_SEED = 11


class Files(Store):
    """A bucket as a folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(None)
        self._root = root

    def read(self, place: Location, version: str | None = None) -> bytes:
        return bytes(self.open_pinned(place, version).body.read())

    def open_pinned(self, place: Location, version: str | None = None) -> Opened:
        try:
            return Opened((self._root / place.key).open("rb"), version)
        except FileNotFoundError as error:
            raise NotFound(place.uri) from error

    def write(
        self,
        place: Location,
        content: bytes | IO[bytes],
        content_type: str = "",  # noqa: ARG002 - as the store has it
    ) -> str | None:
        file = self._root / place.key
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as written:
            if isinstance(content, bytes):
                written.write(content)
            else:
                while piece := content.read(1 << 20):
                    written.write(piece)
        return None


class Memory(Ledger):
    """A ledger that keeps one dataset."""

    def __init__(self) -> None:
        super().__init__(None, "")
        self.kept: dict[Key, Any] = {}

    def get(self, key: Key) -> Any:
        return self.kept.get(key)

    def put_once(self, key: Key, record: Any, **_: Any) -> None:
        self.kept[key] = record

    def announce(self, key: Key, emitter: Emitter) -> None:
        """Nobody listens."""


def rows() -> Iterator[dict[str, str]]:
    """Questions of 15 to 90 words, common words more often; some test rows are copies, some nearly so."""
    draw = random.Random(_SEED)  # noqa: S311
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 11))) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))
    train: list[list[str]] = []
    for number in range(ROWS):
        question = draw.choices(words, cum_weights=weights, k=draw.randint(15, 90))
        if number < ROWS * 0.7:
            train.append(question)
        elif number < ROWS * 0.7 + PLANTED:
            question = list(train[number - int(ROWS * 0.7)])
            if number % 2:
                question[len(question) // 2] = "planted"
        yield {"id": f"row-{number}", "input": " ".join(question), "target": " ".join(draw.choices(words, k=3))}


def prepare(root: Path) -> None:
    """The dataset as a team would upload it."""
    below = root / "datasets/bench/v1"
    below.mkdir(parents=True)
    sides: dict[str, list[str]] = {"train": [], "test": []}
    for number, row in enumerate(rows()):
        sides["train" if number < ROWS * 0.7 else "test"].append(json.dumps(row) + "\n")
    files = []
    for split, lines in sides.items():
        content = "".join(lines).encode()
        (below / f"{split}.jsonl").write_bytes(content)
        files.append({"path": f"{split}.jsonl", "sha256": hashlib.sha256(content).hexdigest(), "split": split})
    columns = {"id": "id", "input": "input", "target": "target"}
    manifest = {"name": "bench", "version": "v1", "task": "question_answering", "columns": columns, "files": files}
    (below / "manifest.json").write_text(json.dumps(manifest))


def measure(root: Path) -> dict[str, float]:
    """One registration in this process: seconds of the clock and of the processor, and the process's peak in MB."""
    intake = Intake(Memory(), Files(root), Emitter(None, ""), "artifacts")
    started, used = time.perf_counter(), time.process_time()
    outcome = intake.take(ObjectCreated(bucket=_BUCKET, key=_KEY), [], datetime(2026, 1, 1, tzinfo=UTC))
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    if (outcome.status, outcome.train_rows + outcome.test_rows) != ("registered", ROWS):
        raise SystemExit(f"the dataset was not registered: {outcome}")
    (quality,) = root.glob("datasets/bench/v1/*/quality.json")
    found = json.loads(quality.read_text())["overlaps"]
    if found["exact"] + found["near"]["0.5"] < PLANTED * 0.98:
        raise SystemExit(f"of {PLANTED} planted rows were found: {found}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"intake_100k_s": round(seconds, 2), "intake_100k_cpu_s": round(cpu, 2), "intake_100k_peak_mb": round(peak)}


def run() -> dict[str, Figure]:
    """The figures, measured in a process of its own: the rows that were made here don't count."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        command = [sys.executable, "-m", "benchmarks.intake", folder]
        measured = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(measured.stdout)
    what = "100,000 rows read, hashed, checked, compared with each other and written"
    units = {
        "intake_100k_s": ("s", f"{what}; by the clock"),
        "intake_100k_cpu_s": ("s", what),
        "intake_100k_peak_mb": ("MB", f"the process's peak memory for {what}"),
    }
    return {name: Figure(value=figures[name], unit=unit, note=note) for name, (unit, note) in units.items()}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])) if len(sys.argv) > 1 else run()))
