"""Telling the execution that waits what was decided; whatever fails here is tried again from the ledger."""

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.approval import records
from fmops.approval.models import Approval, Callback, Outcome
from fmops.core.ids import canonical_json
from fmops.core.ledger import Ledger

# The execution was stopped, timed out or was answered already: there is nobody to tell.
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


def outcome(approval: Approval) -> Outcome:
    """The decision in the form that the journey reads. ValueError where there is none yet."""
    return Outcome.model_validate(
        {
            "decision": approval.status.value,
            "run_id": approval.run_id,
            "approval_id": approval.approval_id,
            "approver": approval.decided_by,
            "reason": approval.reason,
        }
    )


def tell(states: Any, ledger: Ledger, approval: Approval, now: datetime) -> Callback:
    """Resume the execution that waits for a decided approval. ClientError where Step Functions can't be told now.

    `states` is a boto3 client of Step Functions.
    """
    try:
        states.send_task_success(
            taskToken=approval.task_token, output=canonical_json(outcome(approval).model_dump(mode="json"))
        )
        told = Callback.SENT
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOBODY_WAITS:
            raise
        told = Callback.GONE
    records.mark_told(ledger, approval, told, now)
    return told


def retry(states: Any, ledger: Ledger, now: datetime) -> int:
    """Tell every execution that a failed call left waiting; how many there were. For the reconciler."""
    waiting = records.due(ledger)
    for approval in waiting:
        records.write_decision(ledger, approval, now)
        tell(states, ledger, approval, now)
    return len(waiting)
