"""Reads the rows of a file and says of each fault where it is and what to do: rules without I/O."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from fmops.core.events import Problem
from fmops.datasets.models import Columns, Row, Split

TEST_PERCENT = 30
_ID_NAMES = ("id", "record_id", "uuid")
_INPUT_NAMES = ("input", "question", "prompt", "text", "model_input")
_TARGET_NAMES = ("target", "answer", "correct_answer", "output", "completion", "target_output")
_CATEGORY_NAMES = ("category", "topic")


def guess_columns(row: dict[str, Any]) -> Columns | None:
    """Which members of a row without a manifest are what; None where it has no input or no target by a usual name."""

    def first(names: tuple[str, ...]) -> str | None:
        return next((name for name in names if name in row), None)

    found_input, target = first(_INPUT_NAMES), first(_TARGET_NAMES)
    if found_input is None or target is None:
        return None
    return Columns(id=first(_ID_NAMES), input=found_input, target=target, category=first(_CATEGORY_NAMES))


def usual_names() -> str:
    """For messages: the names that are recognised without a manifest."""
    return f"input by one of {', '.join(_INPUT_NAMES)}; target by one of {', '.join(_TARGET_NAMES)}"


def read_rows(lines: Iterable[bytes], file: str, columns: Columns, problems: list[Problem]) -> Iterator[Row]:
    """The good rows of a JSON Lines file; what is wrong with the others goes to `problems`.

    Reading goes on after a fault, so that a person sees all of them at once.
    """
    count = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        count += 1
        row = _row(line, file, number, columns, problems)
        if row is not None:
            yield row
    if count == 0:
        problems.append(Problem(file=file, problem="the file holds no rows", advice="put one JSON object on each line"))


def parse_object(line: bytes, file: str, number: int, problems: list[Problem]) -> dict[str, Any] | None:
    """The JSON object on a line, or None with the problem noted."""

    def note(problem: str, advice: str) -> None:
        problems.append(Problem(file=file, line=number, problem=problem, advice=advice))

    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        note(f"the line is not UTF-8 (byte {error.start})", "save the file with UTF-8 encoding")
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        note(f"the line is no JSON ({error.msg}, column {error.colno})", "put one complete JSON object on each line")
        return None
    except RecursionError:
        note("the line is nested too deeply", "put one flat JSON object on each line")
        return None
    if not isinstance(value, dict):
        note("the line holds no JSON object", 'write it as {"input": …, "target": …}')
        return None
    return value


def _row(line: bytes, file: str, number: int, columns: Columns, problems: list[Problem]) -> Row | None:
    value = parse_object(line, file, number, problems)
    if value is None:
        return None
    texts: dict[str, str] = {}
    for role, name in (("input", columns.input), ("target", columns.target)):
        found = value.get(name)
        if name not in value:
            advice = f"add {name!r} to the row, or name the right column in the manifest"
            problems.append(
                Problem(file=file, line=number, problem=f"the column {name!r} ({role}) is missing", advice=advice)
            )
        elif isinstance(found, bool) or not isinstance(found, str | int | float) or not str(found).strip():
            advice = "give it a text that is not empty, or take the row out"
            problems.append(
                Problem(
                    file=file, line=number, problem=f"the column {name!r} ({role}) is empty or no text", advice=advice
                )
            )
        else:
            texts[role] = str(found).strip()
    if len(texts) < 2:
        return None
    identity = value.get(columns.id) if columns.id else None
    category = value.get(columns.category) if columns.category else None
    return Row(
        id=str(identity) if identity not in (None, "") else f"{file}:{number}",
        input=texts["input"],
        target=texts["target"],
        category=str(category) if category not in (None, "") else None,
    )


def side(dataset: str, row_id: str, split: Split) -> Split:
    """`train` or `test`: as the file says, else by a hash that depends on nothing but the dataset's name and the id."""
    if split != "all":
        return split
    bucket = int.from_bytes(hashlib.sha256(f"{dataset}\n{row_id}".encode()).digest()[:4], "big") % 100
    return "test" if bucket < TEST_PERCENT else "train"
