"""Closes runs whose execution ended without a word: aborted, timed out, or failed where it could not say so."""

from datetime import datetime
from typing import Any

from fmops.core.errors import StaleTransition
from fmops.core.ledger import Ledger
from fmops.core.plain import one_line
from fmops.evaluation import runs
from fmops.evaluation.runs import RunStatus
from fmops.launches import executions
from fmops.launches.executions import Execution

_LONGEST = 1000
_SENTENCES = {
    "ABORTED": "its execution was stopped by somebody",
    "TIMED_OUT": "its execution ran out of time",
    "FAILED": "its execution failed",
    "SUCCEEDED": "its execution ended without a decision",
    executions.FORGOTTEN: "its execution is not known any more",
}


def close_abandoned(ledger: Ledger, states: Any, now: datetime) -> list[str]:
    """Mark runs that nobody goes on with as failed, with the reason; their ids. `states` is a Step Functions client."""
    closed = []
    for record in runs.open_runs(ledger):
        execution = executions.look(states, record["execution_arn"])
        if not execution.is_over:
            continue
        if RunStatus(ledger.require(runs.key(record["run_id"]))["status"]) in runs.GOING_ON and _close(
            ledger, record["run_id"], execution, now
        ):
            closed.append(record["run_id"])
        runs.no_longer_open(ledger, record["run_id"], now)
    return closed


def _close(ledger: Ledger, run_id: str, execution: Execution, now: datetime) -> bool:
    try:
        runs.abandoned(ledger, run_id, _reason(execution), now)
    except StaleTransition:
        # A redrive, or its last state, was faster.
        return False
    return True


def _reason(execution: Execution) -> str:
    said = ": ".join(text for text in (execution.error, execution.cause) if text)
    what = _SENTENCES.get(execution.status, f"its execution is {execution.status}")
    return one_line(f"{execution.status.capitalize()}: {what}{f' ({said})' if said else ''}", _LONGEST)
