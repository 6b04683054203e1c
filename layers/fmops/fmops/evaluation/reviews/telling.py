"""Telling the execution that waits for reviewers to go on; whatever fails here is tried again from the ledger."""

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.ids import canonical_json
from fmops.core.ledger import Ledger
from fmops.evaluation.reviews import records
from fmops.evaluation.reviews.models import BallotStatus, Callback, ReviewRecord, ReviewStatus

# The execution was stopped, timed out or was answered already: there is nobody to tell.
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


def is_over(ledger: Ledger, review: ReviewRecord, now: datetime) -> bool:
    """Whether there is nothing left to wait for: all have sent theirs in, or the time is over."""
    if review.status is ReviewStatus.CLOSED or now >= review.expires_at:
        return True
    if review.given is None:
        return False
    return all(ballot.status is not BallotStatus.OPEN for ballot in records.ballots(ledger, review.run_id))


def tell(states: Any, ledger: Ledger, review: ReviewRecord, now: datetime) -> Callback:
    """Resume the execution that waits. ClientError where Step Functions can't be told now.

    `states` is a boto3 client of Step Functions.
    """
    try:
        states.send_task_success(taskToken=review.task_token, output=canonical_json({"run_id": review.run_id}))
        told = Callback.SENT
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOBODY_WAITS:
            raise
        told = Callback.GONE
    records.note(ledger, review, told, now)
    return told


def retry(states: Any, ledger: Ledger, now: datetime) -> int:
    """Tell every execution that waits for nothing any more; how many there were. For the reconciler."""
    over = [review for review in records.waiting(ledger) if is_over(ledger, review, now)]
    for review in over:
        tell(states, ledger, review, now)
    return len(over)
