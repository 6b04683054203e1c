"""Rows in the ledger: added behind the last one, never changed."""

import json
from datetime import datetime
from typing import Any

from fmops.audit.chain import Fault, Row, Step, next_row
from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists
from fmops.core.ids import canonical_json
from fmops.core.ledger import Key, Ledger

KIND = "audit"
# Candidates run side by side, and each adds its rows: so often may others be faster.
_TRIES = 100


class ChainBusy(AlreadyExists):
    """Others kept adding rows; the state is tried again."""


def key(run_id: str, number: int) -> Key:
    return Key(f"AUDIT#{run_id}", f"{number:06d}")


def rows(ledger: Ledger, run_id: str) -> list[Row]:
    """A run's rows, as they are stored. ValidationError where one is no row any more."""
    found = ledger.records(f"AUDIT#{run_id}")
    return [Row.model_validate({name: record.get(name) for name in Row.model_fields}) for record in found]


def stored(ledger: Ledger, run_id: str) -> tuple[list[Row], list[Fault]]:
    """The same for whoever looks for damage: rows that can be read, and which can't."""
    found, damaged = [], []
    for place, record in enumerate(ledger.records(f"AUDIT#{run_id}"), start=1):
        try:
            found.append(Row.model_validate({name: record.get(name) for name in Row.model_fields}))
            json.loads(found[-1].facts)
        except ValueError:
            damaged.append(Fault(place, f"row {place} was changed: it is no row any more"))
    return found, damaged


def append(ledger: Ledger, run_id: str, step: Step, subject: str, facts: dict[str, Any], now: datetime) -> Row:
    """Add a row by one conditional write. What the newest row of this step and subject says already is not repeated."""
    for _ in range(_TRIES):
        there = rows(ledger, run_id)
        same = [row for row in there if (row.step, row.subject) == (step, subject)]
        if same and same[-1].facts == canonical_json(facts):
            return same[-1]
        row = next_row(run_id, there[-1] if there else None, step, subject, facts, iso(now))
        try:
            ledger.put_once(key(run_id, row.number), row.model_dump(mode="json"), kind=KIND, now=now)
        except AlreadyExists:
            continue
        return row
    raise ChainBusy(f"the audit of {run_id} could not be added to: others were faster {_TRIES} times")
