"""On what a launch is tried, in which order, and which of its attempts comes next: rules without I/O."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from fmops.core.errors import CapacityUnavailable, JobCrashed, QuotaReached
from fmops.core.models import Ours
from fmops.launches.models import Job, JobKind, Status

MOST_ATTEMPTS = 12
"""Of one launch: whatever the order of types is, trying ends."""
CRASHES = 2
"""A job that crashed is launched once more, on the same instance type."""

_USAGE = {
    (JobKind.TRAINING, False): "training job usage",
    (JobKind.TRAINING, True): "spot training job usage",
    (JobKind.PROCESSING, False): "processing job usage",
    (JobKind.ENDPOINT, False): "endpoint usage",
}


class Option(Ours):
    """One way to get an instance."""

    instance_type: str
    spot: bool = False

    @property
    def words(self) -> str:
        return f"{self.instance_type}{' (spot)' if self.spot else ''}"


class Attempt(NamedTuple):
    """One try of a launch: the first has the launch's own name, the others end in their number."""

    number: int
    option: Option


def in_order(instance_types: Iterable[str], *, spot: bool = False) -> tuple[Option, ...]:
    """Each type as spot first, where that is allowed, and then on demand."""
    return tuple(
        Option(instance_type=instance_type, spot=as_spot)
        for instance_type in dict.fromkeys(instance_types)
        for as_spot in ((True, False) if spot else (False,))
    )


def quota_name(kind: JobKind, option: Option) -> str:
    """What Service Quotas calls the limit on it: `ml.g5.xlarge for spot training job usage`."""
    return f"{option.instance_type} for {_USAGE[kind, option.spot]}"


def within_quota(kind: JobKind, options: Sequence[Option], exhausted: Collection[str]) -> tuple[Option, ...]:
    """Without those whose quota is 0. QuotaReached, with what to do, where none is left."""
    left = tuple(option for option in options if quota_name(kind, option) not in exhausted)
    if not left:
        names = ", ".join(f"{quota_name(kind, option)!r}" for option in options)
        raise QuotaReached(
            f"this account may have none of {names}: ask for more in Service Quotas (Amazon SageMaker), or choose "
            "another instance type"
        )
    return left


def live(tried: Sequence[Job]) -> int | None:
    """Which of the attempts counts: the last that was neither refused nor to be tried again. None: a new one."""
    for index in reversed(range(len(tried))):
        job = tried[index]
        if job.status is not Status.REFUSED and not _to_be_tried_again(tried, index):
            return index
    return None


def next_attempts(tried: Sequence[Job], options: Sequence[Option]) -> list[Attempt]:
    """What to try now, in order; empty where everything was tried often enough.

    After a crash the same option comes first, after a shortage of capacity the one behind it; what a quota refused is
    tried from the first option on, under the name that it had. Options are gone through in a circle.
    """
    done = [job for job in tried if job.status is not Status.REFUSED]
    first = 0
    if done:
        last = _place(done[-1], options)
        first = last if _crashed(done[-1]) else last + 1
    refused = {_option(job): number for number, job in enumerate(tried, 1) if job.status is Status.REFUSED}
    found: list[Attempt] = []
    number = len(tried)
    for step in range(len(options)):
        option = options[(first + step) % len(options)]
        if option in refused:
            found.append(Attempt(refused[option], option))
            continue
        number += 1
        if number <= MOST_ATTEMPTS:
            found.append(Attempt(number, option))
    return found


def _to_be_tried_again(tried: Sequence[Job], index: int) -> bool:
    outcome = tried[index].outcome
    if outcome is None or outcome.ok:
        return False
    if outcome.error == CapacityUnavailable.__name__:
        return len(tried) < MOST_ATTEMPTS
    return _crashed(tried[index]) and sum(_crashed(job) for job in tried) < CRASHES


def _crashed(job: Job) -> bool:
    return job.outcome is not None and job.outcome.error == JobCrashed.__name__


def _option(job: Job) -> Option:
    cost = job.cost
    return Option(instance_type=cost.instance_type if cost else "", spot=bool(cost and cost.spot))


def _place(job: Job, options: Sequence[Option]) -> int:
    option = _option(job)
    return options.index(option) if option in options else -1
