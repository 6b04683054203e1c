"""Launches once, whatever is retried, redriven or sent twice."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fmops.core.errors import BudgetExceeded, CapacityUnavailable, JobFailed, LaunchRefused, QuotaReached
from fmops.core.ids import sagemaker_name
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records
from fmops.launches.callbacks import Callbacks
from fmops.launches.models import Job, JobKind, Launch, Status
from fmops.launches.options import MOST_ATTEMPTS, Attempt, Option, live, next_attempts
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker

Build = Callable[[str, Option], Launch]
"""A launch of this name, on this."""


class Launched(Ours):
    """What a launch led to."""

    name: str
    """Empty where nothing was to be launched."""
    adopted: bool
    """Whether it was there already."""


class Launcher:
    """Makes what a launch names, after it is written down and before anybody else can."""

    def __init__(self, ledger: Ledger, sagemaker: SageMaker, callbacks: Callbacks, purse: Purse, stack: str) -> None:
        self._ledger, self._sagemaker, self._callbacks, self._stack = ledger, sagemaker, callbacks, stack
        self._purse = purse

    def launch_on(self, name: str, options: Sequence[Option], build: Build, now: datetime) -> Launched:
        """Launch on the first of the options that can be had; each attempt is a launch of its own in the ledger.

        What an earlier call began is adopted. QuotaReached, CapacityUnavailable where none can be had now: it helps to
        wait. BudgetExceeded, and what `launch` raises.
        """
        tried = self._tried(name)
        index = live(tried)
        attempts = next_attempts(tried, options) if index is None else [_again(tried, index, options)]
        if not attempts:
            raise CapacityUnavailable(
                f"{name} found no capacity in {len(tried)} attempts on "
                f"{', '.join(option.words for option in options)}; try later, or name other instance types"
            )
        refusal: Exception | None = None
        for attempt in attempts:
            try:
                return self.launch(build(nth_name(name, attempt.number), attempt.option), now)
            except (QuotaReached, CapacityUnavailable) as error:
                # The next type first; waiting is for when there is none.
                refusal = error
        raise refusal or QuotaReached(f"{name} can be launched on nothing")

    def launch(self, launch: Launch, now: datetime) -> Launched:
        """Launch, or adopt what is there by this name and wait for it.

        NameTaken where the name stands for something else, BudgetExceeded where its worst case does not fit,
        LaunchRefused, QuotaReached and CapacityUnavailable as AWS answers, JobFailed where it was stopped before.
        """
        _check(launch)
        job = records.write(self._ledger, launch, now)
        if job.status in (Status.ENDED, Status.ANSWERED):
            # It was over before this task began to wait.
            self._callbacks.repeat(job, now)
            return Launched(name=job.name, adopted=True)
        if job.status is Status.RELEASED and job.kind is not JobKind.ENDPOINT:
            raise JobFailed(f"{job.name} was stopped when nothing waited for it any more; start a new run")
        if job.status in (Status.REFUSED, Status.RELEASED):
            job = records.move(self._ledger, job, Status.LAUNCHING, now)
        adopted = self._create(job, launch, now)
        self._callbacks.started(job, now)
        if adopted:
            # The event of its end may have come before this task's token was known.
            self._callbacks.resume(job.name, now)
        return Launched(name=job.name, adopted=adopted)

    def skip(self, task_token: str, result: dict[str, Any]) -> Launched:
        """Launch nothing: the task goes on with this result."""
        self._callbacks.succeed(task_token, result)
        return Launched(name="", adopted=False)

    def _create(self, job: Job, launch: Launch, now: datetime) -> bool:
        """Whether it was there."""
        try:
            self._purse.reserve(launch, now)
            adopted = [
                self._sagemaker.create_once(create, job.specification, self._tags(launch)) for create in launch.creates
            ]
        except (LaunchRefused, QuotaReached, CapacityUnavailable, BudgetExceeded):
            # Nothing that bills was made; any other error leaves that open, and the money reserved.
            if job.status is Status.LAUNCHING:
                records.move(self._ledger, job, Status.REFUSED, now)
                self._purse.settle(job.name, None, now, launched=False)
            raise
        return adopted[-1]

    def _tried(self, name: str) -> list[Job]:
        found: list[Job] = []
        for number in range(1, MOST_ATTEMPTS + 1):
            job = records.find(self._ledger, nth_name(name, number))
            if job is None:
                break
            found.append(job)
        return found

    def _tags(self, launch: Launch) -> dict[str, str]:
        tags = {
            "fmops:stack": self._stack,
            "fmops:run-id": launch.run_id,
            "fmops:use-case": launch.use_case,
            "fmops:candidate": launch.candidate,
        }
        return {key: value for key, value in tags.items() if value}


def nth_name(name: str, number: int) -> str:
    """The name of an attempt; the first is the launch's own."""
    return name if number == 1 else sagemaker_name(name, str(number))


def _again(tried: Sequence[Job], index: int, options: Sequence[Option]) -> Attempt:
    """The attempt that is there, on what it was made for."""
    cost = tried[index].cost
    option = Option(instance_type=cost.instance_type, spot=cost.spot) if cost else options[0]
    return Attempt(index + 1, option)


def _check(launch: Launch) -> None:
    """LaunchRefused for a training on spot that could not go on where it was: an interruption would cost all of it."""
    for create in launch.creates:
        if create.request.get("EnableManagedSpotTraining") and "CheckpointConfig" not in create.request:
            raise LaunchRefused(
                f"{launch.name} asks for spot instances without checkpoints: an interruption would lose its work; "
                "set checkpoints: true or spot: false"
            )
