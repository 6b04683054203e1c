"""Keeps what was measured: `results.json` by name, and the table of `docs/benchmarks.md` made from it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
DRIFTS = ROOT / "benchmarks" / "alarms.json"
"""Which drift `alarms` found, by kind, share and size."""
TABLE = ROOT / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks

`make bench` measures all of this anew, side by side with what one would use instead, in the same run, and writes
`benchmarks/results.json` and this table. Times are of the processor, not of the clock, unless the note says so; each
is a median of several runs on one thread. What stands here was measured on a machine of two cores that had other work
to do at the same time: ratios hold better than times.

| name | ours | instead | ratio | what it is |
| --- | ---: | ---: | ---: | --- |
"""


class Figure(TypedDict):
    """One number, with its rival's where there is one that does the same."""

    value: float
    unit: str
    rival: NotRequired[str]
    rival_value: NotRequired[float]
    note: str


def merge(figures: Mapping[str, Figure], results: Path = RESULTS, table: Path = TABLE) -> None:
    """Write the figures beside those that were kept before."""
    known: dict[str, Figure] = json.loads(results.read_text()) if results.exists() else {}
    known = dict(sorted((known | dict(figures)).items()))
    results.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    table.write_text(_HEAD + "".join(_row(name, figure) for name, figure in known.items()), encoding="utf-8")


def _row(name: str, figure: Figure) -> str:
    theirs = ratio = ""
    if "rival_value" in figure:
        theirs = f"{_number(figure['rival_value'])} {figure['unit']} ({figure.get('rival', '')})"
        ratio = f"{_number(figure['rival_value'] / figure['value'])} ×"
    return f"| `{name}` | {_number(figure['value'])} {figure['unit']} | {theirs} | {ratio} | {figure['note']} |\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
