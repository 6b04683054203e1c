"""Tells the waiting execution how its job ended; late and repeated news changes nothing."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.errors import CapacityUnavailable, EndpointFailed, JobCrashed, JobFailed, StaleTransition
from fmops.core.ids import canonical_json
from fmops.core.ledger import Ledger
from fmops.launches import records
from fmops.launches.models import Awaits, Job, JobKind, Outcome, State, Status
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker

# The execution was stopped, timed out or was answered already: there is nobody to tell.
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
_LONGEST_CAUSE = 4000
_NOUNS = {JobKind.TRAINING: "training job", JobKind.PROCESSING: "processing job", JobKind.ENDPOINT: "endpoint"}


class Resumed(StrEnum):
    """What news of a job led to."""

    NOT_OURS = "not_ours"
    NOT_OVER = "not_over"
    KNOWN = "known"
    SUCCESS = "success"
    FAILURE = "failure"


class Callbacks:
    def __init__(self, ledger: Ledger, sagemaker: SageMaker, purse: Purse, states: Any) -> None:
        """`states` is a boto3 client of Step Functions."""
        self._ledger, self._sagemaker, self._purse, self._states = ledger, sagemaker, purse, states

    def started(self, job: Job, now: datetime) -> None:
        """Remember that the create call went through."""
        try:
            records.move(self._ledger, job, Status.RUNNING, now)
        except StaleTransition:
            # The news of its end was faster than this write.
            return

    def resume(self, name: str, now: datetime) -> Resumed:
        """Look at a job, and tell its execution if it is over. For events, and for the reconciler."""
        job = records.find(self._ledger, name)
        if job is None:
            return Resumed.NOT_OURS
        if job.status is Status.ENDED:
            return self._answer(job, now)
        if job.status not in (Status.LAUNCHING, Status.RUNNING):
            return Resumed.KNOWN
        state = self._sagemaker.state(job.kind, name)
        if state is None or not (state.final or (job.awaits is Awaits.ALL_TRAFFIC and state.all_traffic)):
            return Resumed.NOT_OVER
        self._settle(job, state, now)
        return self.end(job, outcome(job, state), now)

    def end(self, job: Job, ended: Outcome, now: datetime) -> Resumed:
        """Write down how a job ended and tell its execution."""
        try:
            job = records.move(self._ledger, job, Status.ENDED, now, ended)
        except StaleTransition:
            return Resumed.KNOWN
        return self._answer(job, now)

    def succeed(self, task_token: str, result: dict[str, Any]) -> None:
        """Tell a task that there was nothing to launch for it."""
        try:
            self._states.send_task_success(taskToken=task_token, output=canonical_json(result))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOBODY_WAITS:
                raise

    def repeat(self, job: Job, now: datetime) -> Resumed:
        """Tell the newest waiting task what became of a job that is over."""
        return self._answer(records.move(self._ledger, job, Status.ENDED, now), now)

    def _settle(self, job: Job, state: State, now: datetime) -> None:
        """An endpoint goes on billing in service, and may while it has failed: it is settled when it is deleted."""
        if job.kind is not JobKind.ENDPOINT or state.short_of_capacity:
            self._purse.settle(job.name, state.billed_seconds, now)

    def _answer(self, job: Job, now: datetime) -> Resumed:
        if job.outcome is None:
            raise ValueError(f"{job.name} ended without an outcome")
        self._send(job, job.outcome)
        try:
            records.move(self._ledger, job, Status.ANSWERED, now)
        except StaleTransition:
            return Resumed.KNOWN
        return Resumed.SUCCESS if job.outcome.ok else Resumed.FAILURE

    def _send(self, job: Job, ended: Outcome) -> None:
        try:
            if ended.ok:
                self._states.send_task_success(taskToken=job.task_token, output=canonical_json(result(job, ended)))
            else:
                self._states.send_task_failure(
                    taskToken=job.task_token, error=ended.error, cause=ended.cause[:_LONGEST_CAUSE]
                )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOBODY_WAITS:
                raise


def outcome(job: Job, state: State) -> Outcome:
    """What a final state means for the one who waits."""
    if state.ok or (job.awaits is Awaits.ALL_TRAFFIC and state.all_traffic):
        return Outcome(ok=True, aws_status=state.aws_status, model_data_uri=state.model_data_uri)
    whose = f" of candidate {job.candidate}" if job.candidate else ""
    reason = state.reason or "SageMaker gives no reason"
    return Outcome(
        ok=False,
        aws_status=state.aws_status,
        error=_error(job, state).__name__,
        cause=f"The {_NOUNS[job.kind]} {job.name}{whose} ended as {state.aws_status}: {reason}",
    )


def _error(job: Job, state: State) -> type[Exception]:
    if state.short_of_capacity:
        return CapacityUnavailable
    if job.kind is JobKind.ENDPOINT:
        return EndpointFailed
    return JobCrashed if state.crashed else JobFailed


def vanished(job: Job) -> Outcome:
    """For a job that was written down and is not there."""
    return outcome(job, State(aws_status="Missing", final=True, reason="SageMaker does not know it"))


def result(job: Job, ended: Outcome) -> dict[str, Any]:
    """What the state gets as its result: ids and URIs."""
    found: dict[str, Any] = {"job_name": job.name, "kind": job.kind.value, "status": ended.aws_status, **job.outputs}
    if ended.model_data_uri:
        found["model_data_uri"] = ended.model_data_uri
    return found
