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


def reconcile(ledger: Ledger, sagemaker: SageMaker, callbacks: Callbacks, states: Any, now: datetime) -> Reconciled:
    """Look once at every open launch. `states` is a boto3 client of Step Functions."""
    resumed, gone, released = [], [], []
    for job in records.open_jobs(ledger):
        if callbacks.resume(job.name, now) in (Resumed.SUCCESS, Resumed.FAILURE):
            resumed.append(job.name)
        elif _has_vanished(sagemaker, job, now):
            callbacks.end(job, vanished(job), now)
            gone.append(job.name)
        if _is_orphan(states, job):
            teardown.release(ledger, sagemaker, records.find(ledger, job.name) or job, now)
            released.append(job.name)
    return Reconciled(resumed=resumed, vanished=gone, released=released)


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
