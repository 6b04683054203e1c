"""A run's chain of rows, and what is wrong with one: rules without I/O.

The order of rows is their number, and what proves it is each row's hash over the one before. Times are kept for
people; nothing rests on a clock.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import Field

from fmops.core.ids import canonical_json, digest
from fmops.core.models import Ours


class Step(StrEnum):
    """What a row tells of, in the order in which a run comes to it."""

    DATA = "data"
    JOB = "job"
    ANSWERS = "answers"
    JUDGE = "judge"
    REVIEW = "review"
    REPORT = "report"
    PACKAGE = "package"
    DECISION = "decision"
    REGISTRY = "registry"
    RELEASE = "release"
    BASELINE = "baseline"


class Row(Ours):
    """One thing that was done."""

    run_id: str
    number: int = Field(ge=1)
    step: Step
    subject: str
    """Which of its step: a candidate, a job, an approver."""
    facts: str
    """Canonical JSON, kept as text so that what is hashed is what is stored."""
    at: str
    """By the clock of the function that wrote it."""
    previous: str
    hash: str

    @property
    def name(self) -> str:
        """For people: `row 4 (report of run-1)`."""
        return f"row {self.number} ({self.step.value} of {self.subject})"


class Fault(NamedTuple):
    """One thing that is wrong with a chain."""

    number: int
    """Of the row."""
    what: str


def genesis(run_id: str) -> str:
    """What the first row of a run follows."""
    return digest({"audit": run_id})


def next_row(run_id: str, last: Row | None, step: Step, subject: str, facts: dict[str, Any], at: str) -> Row:
    """The row after `last`. ValueError for facts that hold NaN."""
    row = Row(
        run_id=run_id,
        number=last.number + 1 if last else 1,
        step=step,
        subject=subject,
        facts=canonical_json(facts),
        at=at,
        previous=last.hash if last else genesis(run_id),
        hash="",
    )
    return row.model_copy(update={"hash": hash_of(row)})


def hash_of(row: Row) -> str:
    """The hash over all of a row but the hash that it carries."""
    return digest(row.model_dump(mode="json", exclude={"hash"}))


def faults(run_id: str, rows: Sequence[Row]) -> list[Fault]:
    """What is wrong with a run's rows, in the order in which they are stored."""
    found: list[Fault] = []
    before, expected = genesis(run_id), 1
    for row in rows:
        if row.run_id != run_id:
            found.append(Fault(row.number, f"{row.name} is of another run ({row.run_id})"))
        if row.number != expected:
            found.append(_out_of_place(row, expected))
        elif row.previous != before:
            found.append(Fault(row.number, f"{row.name} does not follow the row before it"))
        if row.hash != hash_of(row):
            found.append(Fault(row.number, f"{row.name} was changed: its content does not give its hash"))
        # Goes on with what the row says of itself, so that one fault is not told of every row behind it.
        before, expected = row.hash, row.number + 1
    return found


def _out_of_place(row: Row, expected: int) -> Fault:
    if row.number > expected:
        missing = f"row {expected} is" if row.number == expected + 1 else f"rows {expected} to {row.number - 1} are"
        return Fault(expected, f"{missing} missing before {row.name}")
    return Fault(row.number, f"{row.name} stands where row {expected} belongs")
