"""A window was judged that shows drift: asks people for labels where it has lasted, once for each drift."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.core.events import MonitoringCompleted
from fmops.monitoring.retraining.requesting import Desk, request_retraining

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    window, settings = MonitoringCompleted.model_validate(event["detail"]), wiring.settings()
    desk = Desk(
        ledger=wiring.ledger(),
        store=wiring.store(),
        emitter=wiring.emitter(),
        artifacts=settings.artifacts_bucket,
        datasets=settings.datasets_bucket,
    )
    outcome = request_retraining(desk, window.use_case, clock.now()).model_dump(mode="json")
    logger.info("drift looked at", extra={"run_id": window.run_id, "use_case": window.use_case, **outcome})
    return outcome
