"""A stack that is deleted stops what it started, and says loudly what goes on serving and costing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records, teardown
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker

_WHY = "The stack was deleted"


class Left(Ours):
    """What leaving came to."""

    stopped: list[str]
    """Executions."""
    released: list[str]
    """Jobs and temporary endpoints."""
    failed: list[str]
    """Jobs and temporary endpoints that could not be stopped, with the reason."""
    serving: list[str]
    """Endpoints of the stack that are there still: production's."""


class Means(NamedTuple):
    """What leaving needs."""

    ledger: Ledger
    sagemaker: Any
    """A boto3 client of SageMaker."""
    purse: Purse
    states: Any
    """A boto3 client of Step Functions."""
    prefix: str
    """What SageMaker names of the stack begin with."""


def leave(means: Means, machines: Sequence[str], now: datetime) -> Left:
    """Stop every execution first, so that nothing new is started, then all that evaluations and trials left."""
    stopped = [arn for machine in machines for arn in _stopped(means.states, machine)]
    released, failed = [], []
    sagemaker = SageMaker(means.sagemaker)
    for job in records.open_jobs(means.ledger):
        try:
            teardown.release(means.ledger, sagemaker, means.purse, job, now)
        except ClientError as error:
            failed.append(f"{job.name}: {error.response['Error'].get('Message', '')}")
        else:
            released.append(job.name)
    return Left(stopped=stopped, released=released, failed=failed, serving=_serving(means))


def words(stack: str, left: Left) -> str:
    """What operators read. The ledger and the buckets are kept, so nothing is lost by deleting what serves."""
    lines = [
        f"The stack {stack} is being deleted.",
        f"{len(left.stopped)} executions and {len(left.released)} jobs were stopped.",
        "",
    ]
    if left.serving:
        lines += [
            "THESE ENDPOINTS GO ON SERVING, AND THEIR INSTANCES ARE BILLED BY THE HOUR:",
            *(f"- {name}: aws sagemaker delete-endpoint --endpoint-name {name}" for name in left.serving),
            "Nobody watches them any more.",
        ]
    else:
        lines.append("No endpoint of it is left.")
    if left.failed:
        lines += ["", "These could not be stopped, look at them:", *(f"- {one}" for one in left.failed)]
    lines += ["", "Buckets, ledger and keys are kept; delete them yourself when nobody needs them."]
    return "\n".join(lines) + "\n"


def _stopped(states: Any, machine: str) -> list[str]:
    running = states.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
    arns = [str(found["executionArn"]) for page in running for found in page["executions"]]
    for arn in arns:
        states.stop_execution(executionArn=arn, error="StackDeleted", cause=_WHY)
    return arns


def _serving(means: Means) -> list[str]:
    pages = means.sagemaker.get_paginator("list_endpoints").paginate(NameContains=f"{means.prefix}-")
    return [
        str(found["EndpointName"])
        for page in pages
        for found in page["Endpoints"]
        if found["EndpointStatus"] != "Deleting" and found["EndpointName"].startswith(f"{means.prefix}-")
    ]
