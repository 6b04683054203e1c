"""Takes a release back after any failure, and says why."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.release import records
from fmops.release.undoing import roll_back
from fmops.serving.live import LiveEndpoints

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    undone = roll_back(
        wiring.ledger(),
        LiveEndpoints(wiring.client("sagemaker")),
        wiring.emitter(),
        records.load(wiring.ledger(), event["release_id"]),
        f"{event['failure']['error']}: {event['failure']['cause']}",
        wiring.settings().stack,
        clock.now(),
    ).model_dump(mode="json")
    logger.info("release rolled back", extra=undone)
    return undone
