"""Checks that a release is taken back, writes down why, with the numbers, and announces it."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.release import records, undoing
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, failure = wiring.settings(), event["failure"]
    yard = undoing.Yard(
        wiring.ledger(),
        LiveEndpoints(wiring.client("sagemaker")),
        Watch(wiring.client("cloudwatch"), settings.prefix),
        Routes(wiring.client("ssm")),
        settings.stack,
    )
    release = records.load(wiring.ledger(), event["release_id"])
    reason = f"{failure['error']}: {failure['cause']}"
    undone = undoing.confirm(yard, wiring.emitter(), release, reason, clock.now()).model_dump(mode="json")
    logger.info("release rolled back", extra={**release.ids, **undone})
    return undone
