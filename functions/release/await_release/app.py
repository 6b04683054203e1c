"""Has the state hear when the endpoint is in service, with what is new or with what was before."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.expecting import expect
from fmops.launches.wiring import callbacks
from fmops.release import records
from fmops.release.awaiting import expectation

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    release = records.load(ledger, event["release_id"])
    expected = expectation(release, event)
    resumed = expect(ledger, callbacks(), expected, clock.now())
    logger.info("release awaited", extra={**release.ids, "resumed": resumed.value})
    return {"release_id": release.release_id}
