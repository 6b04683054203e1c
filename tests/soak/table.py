"""What was borne, part by part: kept as JSON, shown as the table of `docs/soak.md`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

_HEAD = """# What it bears

`make soak` writes this page, from `soak.json` beside it. Jobs are tiny, everything else is the real thing: the template
deployed into the embedded AWS, or, for the promises, the real state machines and handlers moved on step by step.

| what | how many | found |
| --- | ---: | --- |
"""


class Result(NamedTuple):
    """One thing that was tried."""

    what: str
    number: int
    found: str


def write(folder: Path, part: str, results: list[Result], *, seed: int, scale: float, minutes: float) -> None:
    """Put a part's results in the place of its earlier ones."""
    kept = folder / "soak.json"
    parts: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    rows = [one._asdict() for one in results]
    parts[part] = {"seed": seed, "scale": scale, "minutes": round(minutes, 1), "rows": rows}
    kept.write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")
    (folder / "soak.md").write_text(_page(parts), encoding="utf-8")


def _page(parts: dict[str, Any]) -> str:
    rows = [row for part in parts.values() for row in part["rows"]]
    table = "".join(f"| {row['what']} | {row['number']:,} | {row['found']} |\n" for row in rows)
    runs = "".join(
        f"- {name}: {part['minutes']:g} minutes, `make soak PART={name} SEED={part['seed']}`"
        + (f"; the counts were scaled by {part['scale']:g}, for the machine is small\n" if part["scale"] != 1 else "\n")
        for name, part in parts.items()
    )
    return f"{_HEAD}{table}\nHow each part was run:\n\n{runs}"
