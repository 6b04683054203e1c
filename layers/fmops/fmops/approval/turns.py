"""Whose turn it is: of all runs of a use case that wait for approval, the newest one asks."""

from datetime import datetime
from typing import NamedTuple

from fmops.approval import records
from fmops.approval.models import Approval, Status
from fmops.core.clock import iso, parse
from fmops.core.errors import AlreadyExists, StaleTransition
from fmops.core.ledger import Key, Ledger, Record

KIND = "approval_turn"
_TRIES = 20


class Turn(NamedTuple):
    """What asking now does to others."""

    replaced: str | None = None
    """The run whose request this one replaces, if there was one."""
    newer: str | None = None
    """The newer run that asks already: then this one does not ask."""


def key(use_case: str) -> Key:
    return Key(f"APPROVALS#{use_case}", "TURN")


def take(ledger: Ledger, use_case: str, run_id: str, began: datetime, now: datetime) -> Turn:
    """Take the use case's turn for a run that began at `began`. Doing it again has the same answer.

    The pointer names who had the turn before, so that a crash before they were told loses nobody.
    """
    place = key(use_case)
    for _ in range(_TRIES):
        found = ledger.get(place)
        try:
            if found is None:
                first = {"use_case": use_case, "status": "taken", **_holder(run_id, began, None)}
                ledger.put_once(place, first, kind=KIND, now=now)
                return Turn()
            if found["run_id"] == run_id:
                return Turn(replaced=found["before"])
            if parse(found["began"]) > began and _waits(ledger, found["run_id"]):
                return Turn(newer=found["run_id"])
            changes = _holder(run_id, began, found["run_id"])
            ledger.transition(place, ["taken"], "taken", changes, now=now, unchanged={"run_id": found["run_id"]})
            return Turn(replaced=found["run_id"])
        except (AlreadyExists, StaleTransition):
            # Another run was faster: look again at who has the turn now.
            continue
    raise StaleTransition(f"too many runs of {use_case} ask for approval at once")


def close(ledger: Ledger, run_id: str, by: str, now: datetime) -> Approval | None:
    """Close the request of a run because `by` asks instead; None where there is nothing to close (any more)."""
    approval = records.find(ledger, run_id)
    while approval is not None and approval.status is Status.PENDING:
        try:
            return records.supersede(ledger, approval, by, now)
        except StaleTransition:
            approval = records.find(ledger, run_id)
    # Closed by an earlier try that was cut off before it could tell the execution: then the reconciler tells it.
    return None


def _holder(run_id: str, began: datetime, before: str | None) -> Record:
    return {"run_id": run_id, "began": iso(began), "before": before}


def _waits(ledger: Ledger, run_id: str) -> bool:
    approval = records.find(ledger, run_id)
    return approval is not None and approval.status is Status.PENDING
