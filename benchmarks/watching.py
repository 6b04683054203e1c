"""Makes `docs/monitoring-figures.md` of what was measured: which drift is found, what 10 million pairs an hour cost."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.record import DRIFTS, RESULTS, ROOT

PAGE = ROOT / "docs" / "monitoring-figures.md"
PRICED = "2026-11-24"
"""When the prices below were read, all of us-east-1."""
GB_SECOND = 0.0000133334
"""Lambda on arm64, US dollars."""
TRANSITION = 0.025 / 1_000
"""Step Functions, standard."""
READ, WRITE = 0.0004 / 1_000, 0.005 / 1_000
"""S3 standard."""
PAIRS, HOURS = 10_000_000, 720
GB = 1_769 / 1_024
"""One processor of Lambda's."""
BATCH = 32 * 1024 * 1024
CAPTURED = 1_032
"""Bytes of a captured pair as SageMaker writes it."""
TRANSITIONS = 4
"""Of a batch's child execution."""
READS, WRITES = 4, 3
"""Of a batch: objects and profile; profile, sample and result."""

_HEAD = """# What monitoring finds, and what it costs

This page is made by `make bench` from `benchmarks/results.json` and `benchmarks/alarms.json`; don't edit it.
"""


def page(figures: dict[str, Any], drifted: list[dict[str, Any]]) -> str:
    return "\n".join([_HEAD, *_found(figures, drifted), "", *_cost(figures), ""])


def write() -> None:
    if RESULTS.exists() and DRIFTS.exists():
        PAGE.write_text(page(json.loads(RESULTS.read_text()), json.loads(DRIFTS.read_text())), encoding="utf-8")


def _found(figures: dict[str, Any], drifted: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Which drift alarms within two windows\n"
    yield "In how many of a hundred runs, by how many records the baseline and a window have. **Material** is three"
    yield "tenths of the traffic; what stands below 95 is not reliably found. Real text, simulated hour by"
    yield "hour; the usual"
    yield "traffic is questions about encyclopedia passages.\n"
    sizes = sorted({(row["baseline"], row["window"]) for row in drifted})
    yield _row("drift", [f"{baseline:,} and {window:,}" for baseline, window in sizes])
    yield _row("---", ["---:"] * len(sizes))
    found = {(row["kind"], row["share"], row["baseline"], row["window"]): row["found"] for row in drifted}
    for kind, share in dict.fromkeys((row["kind"], row["share"]) for row in drifted):
        yield _row(f"{share:.0%} {kind}", [f"{100 * found[kind, share, *size]:.0f}" for size in sizes])
    alarms = [figures[f"false_alarms_90d_{window}_of_{baseline}"]["value"] for baseline, window in sizes]
    yield _row("alarms in 90 days without drift", [f"{one:g}" for one in alarms])


def _cost(figures: dict[str, Any]) -> Iterator[str]:
    yield f"## {PAIRS // 1_000_000} million pairs an hour, {HOURS} hours a month\n"
    yield "CPU time as measured on x86 (Lambda's arm64 was not), one processor of Lambda, capture files in batches of"
    yield f"32 MB. Prices of us-east-1 as public pages quoted them on {PRICED}: Lambda on arm64"
    yield f"${GB_SECOND:.10f} a GB-second, Step Functions ${TRANSITION * 1000:g} a thousand transitions,"
    yield f"S3 ${READ * 1000:g} a thousand reads and ${WRITE * 1000:g} a thousand writes. Check them before you"
    yield "rely on them.\n"
    batches = -(-PAIRS * CAPTURED // BATCH)
    each = [figures["profile_us"]["value"], figures["profile_all_us"]["value"]]
    lambdas = [PAIRS * HOURS * one / 1e6 * GB * GB_SECOND for one in each]
    steps, storage = batches * HOURS * TRANSITIONS * TRANSITION, batches * HOURS * (READS * READ + WRITES * WRITE)
    yield _row("a month", [f"cheap features ({each[0]:g} µs)", f"all features ({each[1]:g} µs)"])
    yield _row("---", ["---:"] * 2)
    yield _row("Lambda", _dollars(lambdas))
    name = f"Step Functions: {batches:.0f} batches an hour, {TRANSITIONS} transitions each"
    yield _row(name, _dollars([steps, steps]))
    yield _row("S3: reads and writes of the batches", _dollars([storage, storage]))
    yield _row("together", _dollars([one + steps + storage for one in lambdas]))
    yield "\nThe daily toxicity job costs the same whatever the traffic. A metric for each feature of a use case comes"
    yield "on top, by CloudWatch's price for custom metrics."


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _dollars(amounts: Sequence[float]) -> list[str]:
    return [f"${amount:,.2f}" for amount in amounts]


if __name__ == "__main__":
    write()
