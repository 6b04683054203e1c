"""Stops what a run started: no billable resource outlives it."""

from datetime import datetime

from fmops.core.ledger import Ledger
from fmops.launches import records
from fmops.launches.models import Job, JobKind, Status
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker

# An endpoint before its configuration, that before its model: each is in use by the one before.
_DELETED_IN_ORDER = ("create_endpoint", "create_endpoint_config", "create_model")


def release(ledger: Ledger, sagemaker: SageMaker, purse: Purse, job: Job, now: datetime) -> None:
    """Stop a job, or delete a temporary endpoint with all that was made for it. Twice is no harm.

    What has our name and was made by somebody else is left alone: its launch was refused for that.
    """
    if job.status is Status.REFUSED and job.kind is not JobKind.ENDPOINT:
        return
    if job.kind is not JobKind.ENDPOINT:
        sagemaker.stop(job.kind, job.name)
        if job.status in (Status.LAUNCHING, Status.RUNNING):
            # What waited for it is gone; what it cost is settled by the reconciler, when it has ended.
            records.move(ledger, job, Status.RELEASED, now)
        return
    if not job.temporary:
        return
    for operation in _DELETED_IN_ORDER:
        name = job.resources.get(operation)
        if name and (job.status is not Status.REFUSED or sagemaker.is_ours(operation, name, job.specification)):
            sagemaker.delete(operation, name)
    purse.settle_until(job.name, now)
    if job.status is not Status.RELEASED:
        records.move(ledger, job, Status.RELEASED, now)


def release_candidate(
    ledger: Ledger, sagemaker: SageMaker, purse: Purse, run_id: str, candidate: str, now: datetime
) -> list[str]:
    """Release all that was launched for a candidate; the names."""
    jobs = records.of_run(ledger, run_id, candidate)
    for job in jobs:
        release(ledger, sagemaker, purse, job, now)
    return [job.name for job in jobs]
