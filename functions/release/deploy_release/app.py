"""Begins to serve a release; the state waits until its endpoint is in service."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.expecting import Expectation, expect
from fmops.launches.wiring import callbacks
from fmops.release import records
from fmops.release.deploying import deploy
from fmops.serving.live import LiveEndpoints

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger, now = wiring.ledger(), clock.now()
    release = records.load(ledger, event["release_id"])
    begun = deploy(ledger, LiveEndpoints(wiring.client("sagemaker")), release, wiring.settings().stack, now)
    expected = Expectation(
        endpoint=release.endpoint,
        run_id=release.run_id,
        use_case=release.use_case,
        candidate=release.candidate,
        change=release.release_id,
        execution_arn=event["execution_arn"],
        task_token=event["task_token"],
        outputs={"endpoint_name": release.endpoint, "release_id": release.release_id},
    )
    resumed = expect(ledger, callbacks(), expected, now)
    logger.info("release deploying", extra={"release_id": release.release_id, "begun": begun, "resumed": resumed.value})
    return {"release_id": release.release_id, "begun": begun}
