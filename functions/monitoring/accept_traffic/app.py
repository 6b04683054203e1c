"""Called by people through the command line: what they saw in these windows is normal from now on."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.monitoring.accepting import Desk, accept

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    desk = Desk(wiring.ledger(), wiring.store(), wiring.emitter(), wiring.settings().artifacts_bucket)
    accepted = accept(desk, event, clock.now()).model_dump(mode="json")
    logger.info("traffic accepted", extra={name: accepted[name] for name in ("run_id", "use_case", "accepted_id")})
    return accepted
