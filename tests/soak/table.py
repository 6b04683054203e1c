"""The table of what was borne."""

from pathlib import Path
from typing import NamedTuple

_HEAD = """# What it bears

`make soak` writes this page. Jobs are tiny, everything else is the real thing: the template deployed into the embedded
AWS, or, for the promises, the real state machines and handlers moved on step by step.

| what | how many | found |
| --- | ---: | --- |
"""


class Result(NamedTuple):
    """One thing that was tried."""

    what: str
    number: int
    found: str


def write(file: Path, results: list[Result], seed: int, scale: float) -> None:
    rows = "".join(f"| {one.what} | {one.number:,} | {one.found} |\n" for one in results)
    scaled = "" if scale == 1 else f" All counts were scaled by {scale:g}, for the machine is small."
    file.write_text(f"{_HEAD}{rows}\nSeed {seed}.{scaled}\n", encoding="utf-8")
