"""Reads the request and the rows, and refuses what cannot be evaluated by file and line."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from containers.evaluate.failures import EvaluationFailed
from fmops.evaluation.models import DatasetRow, EvaluationJob, Mode, StoredRow

JOB_FILE = "job.json"


def read_job(folder: Path) -> EvaluationJob:
    """The request. EvaluationFailed says what is wrong with it."""
    file = folder / JOB_FILE
    if not file.is_file():
        raise EvaluationFailed(f"The config input holds no {JOB_FILE}.")
    try:
        return EvaluationJob.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise EvaluationFailed(f"{JOB_FILE}: {first_fault(error)}") from error


def read_rows(file: Path, mode: Mode) -> Sequence[DatasetRow] | Sequence[StoredRow]:
    """The rows in their order. EvaluationFailed where one is malformed, none is there, or an id comes twice."""
    if not file.is_file():
        raise EvaluationFailed(f"The dataset input holds no {file.name}.")
    kind: type[DatasetRow | StoredRow] = StoredRow if mode is Mode.STORED else DatasetRow
    rows: dict[str, DatasetRow | StoredRow] = {}
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = kind.model_validate_json(line)
        except ValidationError as error:
            raise EvaluationFailed(f"{file.name}, line {number}: {first_fault(error)}") from error
        if row.id in rows:
            raise EvaluationFailed(f"{file.name}, line {number}: the id of this row has been used before.")
        rows[row.id] = row
    if not rows:
        raise EvaluationFailed(f"{file.name} holds no rows.")
    return list(rows.values())  # type: ignore[return-value] # all of one kind


def first_fault(error: ValidationError) -> str:
    """The first finding, without the value: it may be a person's."""
    first = error.errors()[0]
    what = ".".join(str(part) for part in first["loc"])
    return f"{f'{what}: ' if what else ''}{first['msg']}."
