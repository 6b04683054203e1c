"""Who waits for the endpoint of a release."""

from typing import Any

from fmops.launches.expecting import Expectation
from fmops.launches.models import Awaits
from fmops.release.models import Release


def expectation(
    release: Release, task: dict[str, Any], *, change: str = "", awaits: Awaits = Awaits.END, **outputs: str
) -> Expectation:
    """The state that waits, `task` being its input with its token; it goes on with `outputs` beside the release.

    `change` names what is waited for, where that is not the release itself.
    """
    return Expectation(
        endpoint=release.endpoint,
        run_id=release.run_id,
        use_case=release.use_case,
        candidate=release.candidate,
        change=change or release.release_id,
        execution_arn=task["execution_arn"],
        task_token=task["task_token"],
        outputs={"release_id": release.release_id, **outputs},
        awaits=awaits,
    )
