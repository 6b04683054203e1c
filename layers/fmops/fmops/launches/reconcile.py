"""Finds what events did not tell: jobs that ended unheard, executions that left something running, money unsettled."""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.clock import parse
from fmops.core.errors import CapacityUnavailable, JobCrashed
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import executions, records, teardown
from fmops.launches.callbacks import Callbacks, Resumed, vanished
from fmops.launches.models import Job, JobKind, Status
from fmops.launches.purse import Purse, Reservation
from fmops.launches.sagemaker import SageMaker

# Between writing a launch down and creating it lie seconds; a function may be retried for minutes.
_LAUNCH_TIME = timedelta(minutes=15)
# The state that deletes an endpoint after its job is retried for about ten minutes.
_STOP_TIME = timedelta(minutes=15)
_TRIED_AGAIN = frozenset({JobCrashed.__name__, CapacityUnavailable.__name__})


class Reconciled(Ours):
    """What the reconciler did, by job name."""

    resumed: list[str]
    vanished: list[str]
    released: list[str]
    settled: list[str]
    failed: list[str]
    """Of which AWS would not tell or do what was asked; looked at again the next time."""


class Reconciler:
    def __init__(self, ledger: Ledger, sagemaker: SageMaker, callbacks: Callbacks, purse: Purse, states: Any) -> None:
        """`states` is a boto3 client of Step Functions."""
        self._ledger, self._sagemaker, self._callbacks = ledger, sagemaker, callbacks
        self._purse, self._states = purse, states

    def reconcile(self, now: datetime) -> Reconciled:
        """Look once at every open launch, and at all money that is reserved."""
        done = Reconciled(resumed=[], vanished=[], released=[], settled=[], failed=[])
        for job in records.open_jobs(self._ledger):
            try:
                self._look_at(job, done, now)
            except ClientError:
                # One job must not keep the others from being looked at.
                done.failed.append(job.name)
        for reserved in self._purse.open():
            try:
                self._settle(reserved, done, now)
            except ClientError:
                done.failed.append(reserved.name)
        return done

    def _look_at(self, job: Job, done: Reconciled, now: datetime) -> None:
        if self._callbacks.resume(job.name, now) in (Resumed.SUCCESS, Resumed.FAILURE):
            done.resumed.append(job.name)
        elif self._has_vanished(job, now):
            self._callbacks.end(job, vanished(job), now)
            done.vanished.append(job.name)
        newest = records.find(self._ledger, job.name)
        if newest and newest.open and (self._is_orphan(newest) or self._is_idle(newest, now)):
            teardown.release(self._ledger, self._sagemaker, self._purse, newest, now)
            done.released.append(job.name)

    def _has_vanished(self, job: Job, now: datetime) -> bool:
        if job.status not in (Status.LAUNCHING, Status.RUNNING) or now - parse(job.created_at) < _LAUNCH_TIME:
            return False
        return self._sagemaker.state(job.kind, job.name) is None

    def _is_orphan(self, job: Job) -> bool:
        """Whether the execution that pays for it is over. A job that is over needs no release."""
        if not job.temporary or (job.kind is not JobKind.ENDPOINT and job.status is Status.ENDED):
            return False
        return executions.is_over(self._states, job.execution_arn)

    def _is_idle(self, job: Job, now: datetime) -> bool:
        """Whether an endpoint outlives its job, or the time for which it is reserved, while its execution goes on."""
        if job.kind is not JobKind.ENDPOINT or not job.temporary:
            return False
        launched = parse(job.launched_at or job.created_at)
        if job.cost and now - launched > timedelta(seconds=job.cost.seconds):
            return True
        asking = [
            other
            for other in records.of_run(self._ledger, job.run_id, job.candidate)
            if other.kind is JobKind.PROCESSING and other.created_at >= job.created_at
        ]
        if not asking or any(other.open for other in asking):
            return False
        last = asking[-1]
        if last.outcome is None or last.outcome.error in _TRIED_AGAIN:
            return False
        return now - parse(last.updated_at or last.created_at) > _STOP_TIME

    def _settle(self, reserved: Reservation, done: Reconciled, now: datetime) -> None:
        """Settle what nobody settled: a job that was stopped and ended later, or one whose function crashed."""
        job = records.find(self._ledger, reserved.name)
        if job and job.open:
            return
        if job and job.status is Status.RELEASED and job.kind is JobKind.ENDPOINT:
            self._purse.settle_until(job.name, now)
        elif job and job.status is not Status.REFUSED:
            state = self._sagemaker.state(job.kind, job.name)
            if state and not state.final:
                return
            self._purse.settle(job.name, state.billed_seconds if state else None, now, launched=state is not None)
        elif job or now - parse(reserved.created_at) > _LAUNCH_TIME:
            self._purse.settle(reserved.name, None, now, launched=False)
        else:
            return
        done.settled.append(reserved.name)
