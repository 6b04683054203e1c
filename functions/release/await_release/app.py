"""Has the state hear when the endpoint is in service, with what is new or with what was before."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.expecting import Expectation, expect
from fmops.launches.wiring import callbacks
from fmops.release import records

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    release = records.load(ledger, event["release_id"])
    expected = Expectation(
        endpoint=release.endpoint,
        run_id=release.run_id,
        use_case=release.use_case,
        candidate=release.candidate,
        change=release.release_id,
        execution_arn=event["execution_arn"],
        task_token=event["task_token"],
        outputs={"release_id": release.release_id},
    )
    resumed = expect(ledger, callbacks(), expected, clock.now())
    logger.info("release awaited", extra={"release_id": release.release_id, "resumed": resumed.value})
    return {"release_id": release.release_id}
