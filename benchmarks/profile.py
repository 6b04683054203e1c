"""What it costs to profile every captured record, and beside it evidently's descriptors of the same texts.

The whole way of a record: unzip, split, parse, recognise copies, count. The figures are CPU time of one process.
"""

import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.pairs import Pair, pairs, print_figures
from benchmarks.record import ROOT, Figure
from fmops.monitoring.profile.batches import Tally, batches
from fmops.monitoring.profile.observer import Observer
from fmops.monitoring.reading.files import lines
from fmops.monitoring.reading.records import Reading
from fmops.statistics.drift import GROUPS, Doubt, Floats, discrepancy
from fmops.text.lexicon import Lexicon, Vectors, fourier
from fmops.text.weights import DIMENSIONS

SIZES = (10_000, 100_000)
LARGE = 1_000_000
VECTORS, SHIFT = 100_000, 0.15
EVIDENTLY = "evidently==0.7.23"
_PAIRS_FOR_EVIDENTLY = 2_000
_RIVAL = ROOT / "build" / "rivals" / "evidently"
_UV = ROOT / ".venv-tools" / "bin" / "uv"
_SUBSET = "length, words, sentences, signs, mail addresses of both sides; words of refusal and injection"


def capture_file(path: Path, count: int, texts: list[Pair]) -> None:
    """A zipped capture file of about 1,000 bytes a record, as SageMaker writes it."""
    draw = random.Random(count)  # noqa: S311
    with gzip.open(path, "wb", compresslevel=6) as written:
        for number in range(count):
            written.write(_record(texts[number % len(texts)], str(uuid.UUID(int=draw.getrandbits(128)))))


def _record(pair: Pair, event_id: str) -> bytes:
    def side(mode: str, payload: object) -> dict[str, str]:
        kind = "application/json"
        return {"observedContentType": kind, "mode": mode, "data": json.dumps(payload), "encoding": "JSON"}

    record = {
        "captureData": {
            "endpointInput": side("INPUT", {"inputs": pair.prompt, "parameters": {"max_new_tokens": 64}}),
            "endpointOutput": side("OUTPUT", [{"generated_text": pair.answer}]),
        },
        "eventMetadata": {"eventId": event_id, "inferenceTime": "2026-11-24T05:25:49Z"},
        "eventVersion": "0",
    }
    return json.dumps(record).encode() + b"\n"


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        for some in lines(opened):
            yield from some


def observed(path: Path, lexicon: Lexicon | None, count: int) -> float:
    """CPU seconds of one pass."""
    begun = time.process_time()
    observer, tally = Observer(lexicon=lexicon, sample=200), Tally()
    for batch in batches(_lines(path), Reading(), tally):
        observer.add(batch)
    used = time.process_time() - begun
    if observer.profile.records != count or tally.unreadable:
        raise SystemExit(f"{observer.profile.records} records of {count} were read")
    return used


class _Side(msgspec.Struct):
    data: str


class _Sides(msgspec.Struct):
    endpointInput: _Side  # noqa: N815
    endpointOutput: _Side  # noqa: N815


class _Record(msgspec.Struct):
    captureData: _Sides  # noqa: N815


def floor(path: Path) -> float:
    """CPU seconds to unzip, split and parse both levels, and nothing else."""
    outer, inner = msgspec.json.Decoder(_Record).decode, msgspec.json.Decoder().decode
    begun = time.process_time()
    for line in _lines(path):
        if line:
            sides = outer(line).captureData
            inner(sides.endpointInput.data)
            inner(sides.endpointOutput.data)
    return time.process_time() - begun


def embedding_drift(draw: np.random.Generator, shift: float) -> tuple[float, bool]:
    """CPU seconds for two windows of vectors from features to verdict, and whether drift was found."""

    def sums(vectors: Vectors, size: int = 4_096) -> Floats:
        groups = np.zeros((GROUPS, 257))
        for begin in range(0, len(vectors), size):
            part = vectors[begin : begin + size]
            scaled = part / np.linalg.norm(part, axis=1, keepdims=True)
            features = fourier(scaled).astype(np.float64)
            of = np.arange(begin, begin + len(part)) % GROUPS
            order = np.argsort(of, kind="stable")
            firsts = np.searchsorted(of[order], np.arange(GROUPS))
            groups[:, 1:] += np.add.reduceat(features[order], firsts, axis=0)
            groups[:, 0] += np.bincount(of, minlength=GROUPS)
        return groups

    baseline = draw.standard_normal((VECTORS, DIMENSIONS), np.float32)
    window = draw.standard_normal((VECTORS, DIMENSIONS), np.float32)
    window[: VECTORS // 2] += np.float32(shift)
    draw.shuffle(window)
    begun = time.process_time()
    drift = discrepancy(sums(window), sums(baseline), Doubt(1 / 2160, features=19))
    return time.process_time() - begun, drift.size > drift.chance


def rival(folder: Path, texts: list[Pair]) -> float | None:
    """Evidently's CPU seconds a pair, in an environment of its own; None where that can't be made."""
    python = _RIVAL / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([str(_UV), "venv", "--quiet", "--python", sys.executable, _RIVAL], check=True)
        command = [str(_UV), "pip", "install", "--quiet", "--python", str(python), EVIDENTLY, "pandas<3"]
        subprocess.run(command, check=True, stderr=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"evidently is not measured: {error}", file=sys.stderr)
        return None
    file = folder / "texts.jsonl"
    file.write_text("".join(json.dumps(pair) + "\n" for pair in texts[:_PAIRS_FOR_EVIDENTLY]), encoding="utf-8")
    found = subprocess.run(
        [python, ROOT / "benchmarks" / "profile_evidently.py", file],
        env=os.environ | {"NLTK_DATA": str(ROOT / ".local" / "assets" / "nltk"), "DO_NOT_TRACK": "1"},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    measured = json.loads(found.stdout.splitlines()[-1])
    return float(measured["seconds"]) / int(measured["pairs"])


def peak(path: Path, count: int) -> float:
    """The peak memory in MB of a process that profiles a file with all features."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.profile", str(path), str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


def _peak_kb() -> int:
    """Of this process since its program began: `ru_maxrss` would count what its parent held when it was forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def median(measure: Callable[[], float], times: int) -> float:
    return statistics.median(measure() for _ in range(times))


def run() -> dict[str, Figure]:
    texts = list(pairs(SIZES[-1]))
    lexicon = Lexicon()
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {count: folder / f"{count}.jsonl.gz" for count in (*SIZES, LARGE)}
        for count, path in files.items():
            capture_file(path, count, texts)
        observed(files[SIZES[0]], lexicon, SIZES[0])
        lexical: dict[int, float] = {}
        floors: dict[int, float] = {}
        for count, path in files.items():
            times = 5 if count < LARGE else 1
            # By turns, so that what else the machine does falls on both.
            both = [(observed(path, None, count), floor(path)) for _ in range(times)]
            lexical[count] = statistics.median(one for one, _ in both)
            floors[count] = statistics.median(one for _, one in both)
        count = SIZES[-1]
        each = lexical[count] / count
        of_pair = "lexical profile of a pair of 540 characters"
        figures["profile_us"] = _microseconds(lexical, count, f"{of_pair}; 100,000 pairs")
        figures["profile_10k_us"] = _microseconds(lexical, SIZES[0], f"{of_pair}; 10,000 pairs")
        figures["profile_vs_floor"] = Figure(
            value=round(lexical[count] / floors[count], 2),
            unit="×",
            note=f"the same against unzipping, splitting and parsing alone ({floors[count] / count * 1e6:.1f} µs)",
        )
        everything = median(lambda: observed(files[count], lexicon, count), 3)
        all_of_it = "with language, embeddings and fast toxicity of every record; 100,000 pairs"
        figures["profile_all_us"] = _microseconds({count: everything}, count, all_of_it)
        slope = np.polyfit(np.log10(list(lexical)), np.log10(list(lexical.values())), 1)[0]
        growth = "growth of the lexical profile from 10⁴ to 10⁶ pairs on a log-log fit; 1 is linear"
        figures["profile_slope"] = Figure(value=round(float(slope), 3), unit="", note=growth)
        memory = "peak memory of a process that profiles 1,000,000 pairs with all features"
        figures["profile_peak_mb"] = Figure(value=round(peak(files[LARGE], LARGE)), unit="MB", note=memory)
        theirs = rival(folder, texts)
        if theirs is not None:
            figures["profile_vs_evidently"] = Figure(
                value=round(theirs / each, 1),
                unit="×",
                note=f"{EVIDENTLY}: {theirs * 1e6:,.0f} µs a pair for {_SUBSET}; ours is the whole lexical profile",
            )
    figures |= _drift()
    return figures


def _microseconds(seconds: dict[int, float], count: int, note: str) -> Figure:
    return Figure(value=round(seconds[count] / count * 1e6, 1), unit="µs", note=note)


def _drift() -> dict[str, Figure]:
    draw = np.random.default_rng(8)
    runs = [embedding_drift(draw, SHIFT) for _ in range(3)]
    calm = [embedding_drift(draw, 0.0) for _ in range(3)]
    if not all(found for _, found in runs) or any(found for _, found in calm):
        raise SystemExit(f"embedding drift: {runs} with a shift, {calm} without")
    seconds = statistics.median(seconds for seconds, _ in runs)
    note = "100,000 vectors against 100,000, features and verdict; 0.15 σ in half of them is found, and nothing without"
    return {"embedding_drift_s": Figure(value=round(seconds, 2), unit="s", note=note)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        observed(Path(sys.argv[1]), Lexicon(), int(sys.argv[2]))
        print(_peak_kb() / 1024)
    else:
        print_figures(run)
