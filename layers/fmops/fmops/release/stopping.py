"""Ends what a release started for itself: its trial endpoint, its jobs, its alarms."""

from datetime import datetime

from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records as launches
from fmops.launches import teardown
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker
from fmops.release.models import Release
from fmops.release.watching import Watch


class Stopped(Ours):
    """What is gone now."""

    jobs: list[str]
    alarms: list[str]


def stop(
    ledger: Ledger, sagemaker: SageMaker, purse: Purse, watch: Watch, release: Release, now: datetime, *, alarms: bool
) -> Stopped:
    """Release what was launched, and with `alarms` remove these too. ClientError where something stays; twice is no
    harm."""
    jobs = launches.of_run(ledger, release.release_id)
    for job in jobs:
        teardown.release(ledger, sagemaker, purse, job, now)
    return Stopped(jobs=[job.name for job in jobs], alarms=watch.end(release) if alarms else [])
