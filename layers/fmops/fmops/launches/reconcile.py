"""Finds what events did not tell: jobs that ended unheard, executions that left something running."""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.clock import parse
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records, teardown
from fmops.launches.callbacks import Callbacks, Resumed, vanished
from fmops.launches.models import Job, JobKind, Status
from fmops.launches.sagemaker import SageMaker

# Between writing a launch down and creating it lie seconds; a function may be retried for minutes.
_LAUNCH_TIME = timedelta(minutes=15)


class Reconciled(Ours):
    """What the reconciler did, by job name."""

    resumed: list[str]
    vanished: list[str]
    released: list[str]
    failed: list[str]
    """Of which AWS would not tell or do what was asked; looked at again the next time."""


class Reconciler:
    def __init__(self, ledger: Ledger, sagemaker: SageMaker, callbacks: Callbacks, states: Any) -> None:
        """`states` is a boto3 client of Step Functions."""
        self._ledger, self._sagemaker, self._callbacks, self._states = ledger, sagemaker, callbacks, states

    def reconcile(self, now: datetime) -> Reconciled:
        """Look once at every open launch."""
        done = Reconciled(resumed=[], vanished=[], released=[], failed=[])
        for job in records.open_jobs(self._ledger):
            try:
                self._look_at(job, done, now)
            except ClientError:
                # One job must not keep the others from being looked at.
                done.failed.append(job.name)
        return done

    def _look_at(self, job: Job, done: Reconciled, now: datetime) -> None:
        if self._callbacks.resume(job.name, now) in (Resumed.SUCCESS, Resumed.FAILURE):
            done.resumed.append(job.name)
        elif _has_vanished(self._sagemaker, job, now):
            self._callbacks.end(job, vanished(job), now)
            done.vanished.append(job.name)
        newest = records.find(self._ledger, job.name)
        if newest and newest.open and _is_orphan(self._states, newest):
            teardown.release(self._ledger, self._sagemaker, newest, now)
            done.released.append(job.name)


def _has_vanished(sagemaker: SageMaker, job: Job, now: datetime) -> bool:
    if job.status not in (Status.LAUNCHING, Status.RUNNING) or now - parse(job.created_at) < _LAUNCH_TIME:
        return False
    return sagemaker.state(job.kind, job.name) is None


def _is_orphan(states: Any, job: Job) -> bool:
    """Whether the execution that pays for it is over. A job that is over needs no release."""
    if not job.temporary or (job.kind is not JobKind.ENDPOINT and job.status is Status.ENDED):
        return False
    try:
        status = states.describe_execution(executionArn=job.execution_arn)["status"]
    except ClientError as error:
        # Step Functions forgets executions after 90 days.
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return True
        raise
    return status not in ("RUNNING", "PENDING_REDRIVE")
