"""Releases whose execution is over and that are not: somebody stopped it, or it gave up before all was back."""

from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.errors import EndpointBusy, RollbackIncomplete
from fmops.core.events import Emitter
from fmops.core.models import Ours
from fmops.release import records, undoing
from fmops.release.models import Release, Status
from fmops.release.undoing import Yard

_STOPPED = frozenset({"ABORTED", "TIMED_OUT"})


class Settled(Ours):
    """What was done with abandoned releases, by id."""

    taken_back: list[str]
    under_way: list[str]
    """Looked at again the next time."""


class Means(NamedTuple):
    """What settling needs beside the yard."""

    yard: Yard
    emitter: Emitter
    states: Any
    """A boto3 client of Step Functions."""


def settle(means: Means, now: datetime) -> Settled:
    """Take back each release that nobody works on any more; a step for each call, until it is done."""
    done = Settled(taken_back=[], under_way=[])
    for release in records.unfinished(means.yard.ledger):
        status = _status(means.states, release.execution_arn)
        if not _is_abandoned(release, status):
            continue
        try:
            undoing.begin(means.yard, release, now)
            undoing.confirm(means.yard, means.emitter, release, f"its execution is {status}", now)
            # Trial and jobs are temporary launches: the reconciler of those releases them by itself.
            means.yard.watch.end(release)
            done.taken_back.append(release.release_id)
        except (EndpointBusy, RollbackIncomplete, ClientError):
            done.under_way.append(release.release_id)
    return done


def _is_abandoned(release: Release, status: str) -> bool:
    """A failed execution that left a verified model is redriven by people; one that could not go back is not."""
    return status in _STOPPED or (status == "FAILED" and release.status is Status.DEPLOYING)


def _status(states: Any, execution_arn: str) -> str:
    try:
        return str(states.describe_execution(executionArn=execution_arn)["status"])
    except ClientError as error:
        # Step Functions forgets executions after 90 days.
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return "ABORTED"
        raise
