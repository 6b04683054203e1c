"""Called by people through the command line: acknowledges an alert, or mutes a use case for a while."""

from typing import Any

from fmops.alerts.tending import tend
from fmops.alerts.wiring import desk
from fmops.core import clock, log

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    answer = tend(desk(), event, clock.now())
    logger.info("alerts tended", extra={"wanted": sorted(event)})
    return answer
