"""Ends what a release started for itself, whether it serves or was taken back."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.wiring import purse, sagemaker
from fmops.release import records, stopping
from fmops.release.watching import Watch

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    release = records.load(ledger, event["release_id"])
    stopped = stopping.stop(
        ledger,
        sagemaker(),
        purse(),
        Watch(wiring.client("cloudwatch"), wiring.settings().prefix),
        release,
        clock.now(),
        alarms=event["alarms"],
    ).model_dump(mode="json")
    logger.info("release stopped", extra={**release.ids, **stopped})
    return stopped
