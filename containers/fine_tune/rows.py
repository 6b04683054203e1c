"""Reads the training rows, and refuses what cannot be trained on by file and line."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from containers.fine_tune.failures import TrainingFailed


class Row(BaseModel):
    """A prompt, ready to be sent, and what the model is to answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str = Field(min_length=1)
    completion: str = Field(min_length=1)


def read_rows(folder: Path) -> list[Row]:
    """All rows of the folder's .jsonl files, in the order of their names. TrainingFailed if there are none."""
    rows = [row for file in sorted(folder.glob("*.jsonl")) for row in _rows_of(file)]
    if not rows:
        raise TrainingFailed("The training channel holds no rows: it needs a train.jsonl with prompt and completion.")
    return rows


def _rows_of(file: Path) -> list[Row]:
    rows = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append(Row.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            what = ".".join(str(part) for part in first["loc"])
            # The value is left out: it may be a person's.
            raise TrainingFailed(f"{file.name}, line {number}: {f'{what}: ' if what else ''}{first['msg']}.") from error
    return rows
