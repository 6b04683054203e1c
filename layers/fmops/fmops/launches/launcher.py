"""Launches once, whatever is retried, redriven or sent twice."""

from datetime import datetime
from typing import Any

from fmops.core.errors import JobFailed, LaunchRefused
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records
from fmops.launches.callbacks import Callbacks
from fmops.launches.models import JobKind, Launch, Status
from fmops.launches.sagemaker import SageMaker


class Launched(Ours):
    """What a launch led to."""

    name: str
    """Empty where nothing was to be launched."""
    adopted: bool
    """Whether it was there already."""


class Launcher:
    """Makes what a launch names, after it is written down and before anybody else can."""

    def __init__(self, ledger: Ledger, sagemaker: SageMaker, callbacks: Callbacks, stack: str) -> None:
        self._ledger, self._sagemaker, self._callbacks, self._stack = ledger, sagemaker, callbacks, stack

    def launch(self, launch: Launch, now: datetime) -> Launched:
        """Launch, or adopt what is there by this name and wait for it.

        NameTaken where the name stands for something else, LaunchRefused and QuotaReached as AWS answers, JobFailed
        where it was stopped before.
        """
        job = records.write(self._ledger, launch, now)
        if job.status in (Status.ENDED, Status.ANSWERED):
            # It was over before this task began to wait.
            self._callbacks.repeat(job, now)
            return Launched(name=job.name, adopted=True)
        if job.status is Status.RELEASED and job.kind is not JobKind.ENDPOINT:
            raise JobFailed(f"{job.name} was stopped when nothing waited for it any more; start a new run")
        if job.status in (Status.REFUSED, Status.RELEASED):
            job = records.move(self._ledger, job, Status.LAUNCHING, now)
        try:
            adopted = [
                self._sagemaker.create_once(create, job.specification, self._tags(launch)) for create in launch.creates
            ]
        except LaunchRefused:
            records.move(self._ledger, job, Status.REFUSED, now)
            raise
        self._callbacks.started(job, now)
        if adopted[-1]:
            # The event of its end may have come before this task's token was known.
            self._callbacks.resume(job.name, now)
        return Launched(name=job.name, adopted=adopted[-1])

    def skip(self, task_token: str, result: dict[str, Any]) -> Launched:
        """Launch nothing: the task goes on with this result."""
        self._callbacks.succeed(task_token, result)
        return Launched(name="", adopted=False)

    def _tags(self, launch: Launch) -> dict[str, str]:
        tags = {
            "fmops:stack": self._stack,
            "fmops:run-id": launch.run_id,
            "fmops:use-case": launch.use_case,
            "fmops:candidate": launch.candidate,
        }
        return {key: value for key, value in tags.items() if value}
