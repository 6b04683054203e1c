"""Reads the rows of a file and says of each fault where it is and what to do: rules without I/O."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from fmops.core.events import Problem
from fmops.core.plain import one_line
from fmops.datasets.models import Columns, Manifest, Row, Split

TEST_PERCENT = 30
MOST_PROBLEMS = 1000
"""Of one file; after so many the rest of it is not read."""
LONGEST_ID = 256
_ID_NAMES = ("id", "record_id", "uuid")
_INPUT_NAMES = ("input", "question", "prompt", "text", "model_input")
_TARGET_NAMES = ("target", "answer", "correct_answer", "output", "completion", "target_output")
_CATEGORY_NAMES = ("category", "topic")
_GROUP_NAMES = ("group", "group_id")
_CONTEXT_NAMES = ("context", "passage")
_SHOWN = 60


def guess_columns(row: dict[str, Any], *, needs_target: bool = True) -> Columns | None:
    """Which members of a row without a manifest are what; None where one that is needed has no usual name."""

    def first(names: tuple[str, ...]) -> str | None:
        return next((name for name in names if name in row), None)

    found_input, target = first(_INPUT_NAMES), first(_TARGET_NAMES)
    if found_input is None or (target is None and needs_target):
        return None
    return Columns(
        id=first(_ID_NAMES),
        input=found_input,
        target=target,
        category=first(_CATEGORY_NAMES),
        group=first(_GROUP_NAMES),
        context=first(_CONTEXT_NAMES),
    )


def usual_names() -> str:
    """For messages: the names that are recognised without a manifest."""
    return f"input by one of {', '.join(_INPUT_NAMES)}; target by one of {', '.join(_TARGET_NAMES)}"


class RowReader:
    """Turns lines into rows; what is wrong with the others goes to `problems`.

    Reading goes on after a fault, so that a person sees all of them at once.
    """

    def __init__(self, manifest: Manifest) -> None:
        columns = manifest.columns
        self._columns, self._needs_target = columns, manifest.task != "open_ended"
        self._labels = frozenset(manifest.labels)
        optional = {"category": columns.category, "group": columns.group, "context": columns.context}
        self._optional = {role: name for role, name in optional.items() if name is not None}
        self._unseen = dict(self._optional)

    def read(self, lines: Iterable[bytes], file: str, problems: list[Problem]) -> Iterator[Row]:
        """The good rows of a JSON Lines file."""
        count, before = 0, len(problems)
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            count += 1
            row = self._row(line, file, number, problems)
            if row is not None:
                yield row
            elif len(problems) - before >= MOST_PROBLEMS:
                advice = "mend these first"
                problem = f"there are more than {MOST_PROBLEMS} faults; the rest of the file was not read"
                problems.append(Problem(file=file, line=number, problem=problem, advice=advice))
                return
        if count == 0:
            advice = "put one JSON object on each line"
            problems.append(Problem(file=file, problem="the file holds no rows", advice=advice))

    def unseen(self) -> list[Problem]:
        """A problem for each column that the manifest names and no row has."""
        return [
            Problem(
                file="manifest.json",
                problem=f"no row has the column {name!r} ({role})",
                advice="correct the name, or leave the column out of the manifest",
            )
            for role, name in self._unseen.items()
        ]

    def _row(self, line: bytes, file: str, number: int, problems: list[Problem]) -> Row | None:
        value = parse_object(line, file, number, problems)
        if value is None:
            return None
        faults: list[tuple[str, str]] = []
        texts = {role: _text(value, name, role, faults) for role, name in self._needed(value).items()}
        for role, name in self._optional.items():
            if name in value:
                self._unseen.pop(role, None)
            texts[role] = _word(value.get(name), name, role, faults, longest=None if role == "context" else LONGEST_ID)
        texts["id"] = _word(value.get(self._columns.id), self._columns.id, "id", faults) if self._columns.id else None
        target = texts.get("target")
        if self._labels and target is not None and target not in self._labels:
            faults.append((f"the target {one_line(target, _SHOWN)!r} is none of the labels", "add it to the labels"))
        if faults:
            problems += [Problem(file=file, line=number, problem=what, advice=advice) for what, advice in faults]
            return None
        return Row.model_validate({**texts, "id": texts["id"] or f"{file}:{number}"})

    def _needed(self, value: dict[str, Any]) -> dict[str, str]:
        """The columns that must hold a text, by role. A target is one of them where the task or the row has one."""
        target = self._columns.target
        wants = target is not None and (self._needs_target or value.get(target) not in (None, ""))
        return {"input": self._columns.input, **({"target": target} if target is not None and wants else {})}


def parse_object(line: bytes, file: str, number: int, problems: list[Problem]) -> dict[str, Any] | None:
    """The JSON object on a line, or None with the problem noted."""

    def note(problem: str, advice: str) -> None:
        problems.append(Problem(file=file, line=number, problem=problem, advice=advice))

    try:
        value = _DECODER.decode(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        note(f"the line is not UTF-8 (byte {error.start})", "save the file with UTF-8 encoding")
        return None
    except json.JSONDecodeError as error:
        note(f"the line is no JSON ({error.msg}, column {error.colno})", "put one complete JSON object on each line")
        return None
    except ValueError as error:
        note(f"the line is no JSON ({one_line(str(error), _SHOWN)})", "write such a number as a text")
        return None
    except RecursionError:
        note("the line is nested too deeply", "put one flat JSON object on each line")
        return None
    if not isinstance(value, dict):
        note("the line holds no JSON object", 'write it as {"input": …, "target": …}')
        return None
    return value


def side(dataset: str, key: str, split: Split) -> Split:
    """`train` or `test`: as the file says, else by a hash of nothing but the name of the dataset and the key."""
    if split != "all":
        return split
    bucket = int.from_bytes(hashlib.sha256(f"{dataset}\n{key}".encode()).digest()[:4], "big") % 100
    return "test" if bucket < TEST_PERCENT else "train"


def _text(value: dict[str, Any], name: str, role: str, faults: list[tuple[str, str]]) -> str | None:
    """What a column that must hold something holds."""
    if name not in value:
        advice = f"add {name!r} to the row, or name the right column in the manifest"
        faults.append((f"the column {name!r} ({role}) is missing", advice))
        return None
    found = value[name]
    if isinstance(found, bool) or not isinstance(found, str | int | float) or not str(found).strip():
        advice = "give it a text that is not empty, or take the row out"
        faults.append((f"the column {name!r} ({role}) is empty or no text", advice))
        return None
    return _word(found, name, role, faults, longest=None)


def _word(
    found: Any, name: str, role: str, faults: list[tuple[str, str]], *, longest: int | None = LONGEST_ID
) -> str | None:
    """A value as a text, or None where there is none."""
    text = str(found).strip() if found is not None else ""
    if longest is not None and len(text) > longest:
        faults.append((f"the column {name!r} ({role}) is longer than {longest} characters", "shorten it"))
        return None
    if not text.isascii() and _is_broken(text):
        faults.append((f"the column {name!r} ({role}) holds half a character", "write the text anew with UTF-8"))
        return None
    return text or None


def _is_broken(text: str) -> bool:
    """Whether a text holds lone surrogates: JSON can name them, UTF-8 can't hold them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
