"""POST /feedback and /feedback/signed-in: takes a thumb, and words where somebody has some."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.monitoring.feedback.taking import Box, take_feedback

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    box = Box(wiring.ledger(), wiring.store(), wiring.settings().capture_bucket)
    taken = take_feedback(box, event, clock.now())
    # What people wrote and who they are is not for logs.
    logger.info("feedback taken", extra={"status": taken.status, "outcome": taken.document.get("outcome")})
    return taken.response
