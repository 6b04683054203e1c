"""Runs and their candidates in the ledger."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fmops.core.clock import iso, parse
from fmops.core.errors import StaleTransition
from fmops.core.events import Event
from fmops.core.ledger import Key, Ledger, Record
from fmops.evaluation.planning.plans import Plan

RUN_KIND = "run"
CANDIDATE_KIND = "candidate"


class RunStatus(StrEnum):
    """Where a run stands. The last state of the journey writes the ones that a person or a failure decides."""

    PLANNED = "planned"
    WAITING = "waiting"
    """For its turn: as many runs evaluate as may."""
    EVALUATING = "evaluating"
    AWAITING_REVIEW = "awaiting_review"
    """People compare answers."""
    DECIDING = "deciding"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """A newer run asked for approval while this one waited."""
    COMPLETED = "completed"
    """The gate promoted nobody."""
    FAILED = "failed"


class CandidateStatus(StrEnum):
    """Where a candidate of a run stands."""

    PLANNED = "planned"
    TUNING = "tuning"
    STARTING = "starting"
    SCORING = "scoring"
    SCORED = "scored"
    FAILED = "failed"


# A redriven execution passes through earlier states again, so each status may be reached from itself and from failed.
_BEFORE: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.WAITING: frozenset({RunStatus.EVALUATING, RunStatus.WAITING, RunStatus.FAILED}),
    RunStatus.EVALUATING: frozenset({RunStatus.PLANNED, RunStatus.WAITING, RunStatus.EVALUATING, RunStatus.FAILED}),
    RunStatus.AWAITING_REVIEW: frozenset({RunStatus.EVALUATING, RunStatus.AWAITING_REVIEW, RunStatus.FAILED}),
    RunStatus.DECIDING: frozenset(
        {RunStatus.EVALUATING, RunStatus.AWAITING_REVIEW, RunStatus.DECIDING, RunStatus.FAILED}
    ),
    RunStatus.COMPLETED: frozenset({RunStatus.EVALUATING, RunStatus.DECIDING, RunStatus.COMPLETED, RunStatus.FAILED}),
    RunStatus.AWAITING_APPROVAL: frozenset({RunStatus.DECIDING, RunStatus.AWAITING_APPROVAL, RunStatus.FAILED}),
}


GOING_ON = frozenset(
    {
        RunStatus.PLANNED,
        RunStatus.WAITING,
        RunStatus.EVALUATING,
        RunStatus.AWAITING_REVIEW,
        RunStatus.DECIDING,
        RunStatus.AWAITING_APPROVAL,
    }
)
"""What a run is while its execution lives."""
# All runs that ever were are too many to look through each time.
_OPEN_KIND, _CLOSED_KIND = "open_run", "closed_run"
_OPEN, _CLOSED = "open", "closed"
_DECIDED = frozenset({RunStatus.APPROVED, RunStatus.REJECTED, RunStatus.EXPIRED, RunStatus.COMPLETED})
_REDRIVABLE = timedelta(days=14)


def _open_key(run_id: str) -> Key:
    return Key(f"RUN#{run_id}", "OPEN")


def key(run_id: str) -> Key:
    return Key(f"RUN#{run_id}", "RUN")


def candidate_key(run_id: str, candidate: str) -> Key:
    return Key(f"RUN#{run_id}", f"CANDIDATE#{candidate}")


def day(ledger: Ledger, run_id: str) -> str:
    """The day on which the run began, as its tables are partitioned: the same whenever a step is done again."""
    return str(ledger.require(key(run_id))["created_at"])[:10]


def claim(
    ledger: Ledger, run_id: str, use_case: str, trigger: dict[str, Any], execution_arn: str, now: datetime
) -> Record:
    """Take a run for an execution. Duplicate where another execution has it."""
    record: Record = {
        "run_id": run_id,
        "use_case": use_case,
        "trigger": trigger,
        "status": RunStatus.PLANNED,
        "execution_arn": execution_arn,
        "candidates": [],
        "dataset": None,
        "verdict": None,
        "winner": None,
        "reasons": [],
        "model_package_arn": None,
        "report_uri": None,
        "failure": None,
    }
    found = ledger.claim(key(run_id), execution_arn, record, kind=RUN_KIND, now=now)
    if has_ended(found, now):
        return found
    pointer = {"run_id": run_id, "use_case": use_case, "execution_arn": execution_arn, "status": _OPEN}
    if not ledger.put_new(_open_key(run_id), pointer, kind=_OPEN_KIND, now=now):
        # A redriven execution goes on with a run that was closed.
        ledger.transition(_open_key(run_id), (_OPEN, _CLOSED), _OPEN, kind=_OPEN_KIND, now=now)
    return found


def has_ended(record: Record, now: datetime) -> bool:
    """Whether a run is over for good: decided, or failed longer ago than its execution can be redriven."""
    if record["status"] == RunStatus.FAILED:
        return now - parse(str(record.get("ended_at") or record["created_at"])) > _REDRIVABLE
    return RunStatus(record["status"]) in _DECIDED


def write_plan(ledger: Ledger, plan: Plan, plan_uri: str, now: datetime) -> None:
    """The candidates' records, then the run's."""
    for candidate in plan.candidates:
        record = {
            "run_id": plan.run_id,
            "use_case": plan.use_case,
            "id": candidate.id,
            "kind": candidate.kind,
            "is_champion": candidate.is_champion,
            "model_id": candidate.artifact.model_id,
            "model_version": candidate.artifact.model_version,
            "status": CandidateStatus.PLANNED,
            "jobs": [],
            "metrics": {},
            "performance": None,
            "artifact": candidate.artifact.model_dump(mode="json"),
            "digest": None,
            "fingerprint": None,
            "failure": None,
        }
        ledger.put_new(candidate_key(plan.run_id, candidate.id), record, kind=CANDIDATE_KIND, now=now)
    changes = {
        "candidates": [candidate.id for candidate in plan.candidates],
        "dataset": plan.dataset.model_dump(mode="json", include={"name", "version", "train_rows", "test_rows"}),
        "worst_case_usd": plan.worst_case_usd,
        "plan_uri": plan_uri,
        "failure": None,
    }
    _move(ledger, plan.run_id, RunStatus.EVALUATING, changes, now)


def held(ledger: Ledger, run_id: str, reason: str, now: datetime) -> None:
    """Say why a run can't be planned yet; its plan takes the reason away."""
    ledger.change(key(run_id), {"failure": reason}, now=now)


def waiting(ledger: Ledger, run_id: str, now: datetime) -> None:
    _move(ledger, run_id, RunStatus.WAITING, {}, now)


def evaluating(ledger: Ledger, run_id: str, now: datetime) -> None:
    _move(ledger, run_id, RunStatus.EVALUATING, {}, now)


def abandoned(ledger: Ledger, run_id: str, reason: str, now: datetime) -> None:
    """StaleTransition where the run has ended otherwise."""
    changes = {"failure": reason, "ended_at": iso(now)}
    ledger.transition(key(run_id), GOING_ON, RunStatus.FAILED, changes, now=now)


def open_runs(ledger: Ledger) -> list[Record]:
    """`run_id` and `execution_arn` of runs that were begun and not seen to their end."""
    return ledger.of_kind(_OPEN_KIND)


def no_longer_open(ledger: Ledger, run_id: str, now: datetime) -> None:
    ledger.transition(_open_key(run_id), (_OPEN, _CLOSED), _CLOSED, kind=_CLOSED_KIND, now=now)


def awaiting_review(ledger: Ledger, run_id: str, now: datetime) -> None:
    _move(ledger, run_id, RunStatus.AWAITING_REVIEW, {}, now)


def deciding(ledger: Ledger, run_id: str, now: datetime) -> None:
    _move(ledger, run_id, RunStatus.DECIDING, {}, now)


def decided(
    ledger: Ledger, run_id: str, *, promoted: bool, changes: Mapping[str, Any], event: Event, now: datetime
) -> None:
    """The gate's answer, with the event that says so. A promoted run goes on to its approval."""
    after = RunStatus.DECIDING if promoted else RunStatus.COMPLETED
    _move(ledger, run_id, after, {**changes, "decided_at": iso(now)}, now, event)


def awaiting_approval(ledger: Ledger, run_id: str, model_package_arn: str, now: datetime) -> None:
    _move(ledger, run_id, RunStatus.AWAITING_APPROVAL, {"model_package_arn": model_package_arn}, now)


def candidate_is(
    ledger: Ledger, run_id: str, candidate: str, status: CandidateStatus, now: datetime, **changes: Any
) -> None:
    """Write where a candidate stands."""
    ledger.change(candidate_key(run_id, candidate), {"status": status, **changes}, now=now)


def fingerprint(ledger: Ledger, run_id: str, candidate: str) -> str | None:
    """Whose answers the evaluation was told to get: weights, template, decoding, guardrail, tokenizer; None before."""
    found: str | None = ledger.require(candidate_key(run_id, candidate)).get("fingerprint")
    return found


def candidates(ledger: Ledger, run_id: str) -> list[Record]:
    """The records of a run's candidates."""
    return ledger.records(f"RUN#{run_id}", "CANDIDATE#")


def _move(
    ledger: Ledger,
    run_id: str,
    after: RunStatus,
    changes: Mapping[str, Any],
    now: datetime,
    event: Event | None = None,
) -> None:
    try:
        ledger.transition(key(run_id), _BEFORE[after], after, changes, now=now, emit=event)
    except StaleTransition:
        found = ledger.require(key(run_id))
        # A retry after the approval was asked for or decided must not take the run back.
        if RunStatus(found["status"]) not in _BEYOND:
            raise


_BEYOND = frozenset(
    {
        RunStatus.AWAITING_APPROVAL,
        RunStatus.APPROVED,
        RunStatus.REJECTED,
        RunStatus.EXPIRED,
        RunStatus.SUPERSEDED,
        RunStatus.COMPLETED,
    }
)
