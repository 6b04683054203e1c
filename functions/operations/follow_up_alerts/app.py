"""On a schedule: reminds, escalates, tells what was muted, and sends mails that never went out."""

from typing import Any

from fmops.alerts.wiring import desk
from fmops.core import clock, log

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    told = desk().follow_up(clock.now())
    logger.info("alerts followed up", extra={"told": told})
    return {"told": told}
