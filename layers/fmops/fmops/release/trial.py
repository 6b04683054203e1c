"""The endpoint of a release's own, on which the golden prompts are asked before any traffic."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.ids import sagemaker_name
from fmops.launches.costs import Cost, Journey
from fmops.launches.launcher import Launched, Launcher
from fmops.launches.models import Create, JobKind, Launch
from fmops.release.models import Release
from fmops.serving import requests

_SECONDS = 3 * 3600
"""To start, to be asked, and to be deleted, at worst."""


class Waiter(NamedTuple):
    """The task that waits."""

    execution_arn: str
    task_token: str


def name(prefix: str, release_id: str) -> str:
    # The release's own model and configuration are named by use case and release: none of them ends so.
    return sagemaker_name(prefix, release_id, "trial")


def start(
    launcher: Launcher,
    prefix: str,
    release: Release,
    instance_type: str,
    timeouts: dict[str, int],
    waiter: Waiter,
    now: datetime,
) -> Launched:
    """Launch one instance of the release's own model, once: the model is the one that will serve."""
    endpoint = name(prefix, release.release_id)
    config = requests.endpoint_config(endpoint, release.endpoint_config, instance_type, timeouts)
    launch = Launch(
        name=endpoint,
        kind=JobKind.ENDPOINT,
        run_id=release.release_id,
        use_case=release.use_case,
        execution_arn=waiter.execution_arn,
        task_token=waiter.task_token,
        creates=(
            Create(operation="create_endpoint_config", request=config),
            Create(operation="create_endpoint", request=requests.endpoint(endpoint, endpoint)),
        ),
        outputs={"endpoint_name": endpoint},
        journey=Journey.RELEASE,
        cost=Cost.of(instance_type, _SECONDS),
    )
    return launcher.launch(launch, now)
