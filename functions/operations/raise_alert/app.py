"""Events that people must know of, ours, Step Functions' and CodeBuild's: one mail for each cause."""

from typing import Any

from fmops.alerts.messages import of_event
from fmops.alerts.models import Alert
from fmops.alerts.wiring import desk, owner
from fmops.core import clock, log

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    told, alerts, now = [], desk(), clock.now()
    for found in of_event(event["detail-type"], event["detail"]):
        if isinstance(found, Alert):
            addressed = found.model_copy(update={"recipients": [*found.recipients, *owner(found.use_case)]})
            news = alerts.sign(addressed, now)
            fields = {"alert_id": found.alert_id, "reason": found.reason, "run_id": found.run_id}
            logger.info("alert raised" if news else "alert known", extra=fields)
        else:
            news = alerts.calm(found, now)
        if news:
            told.append(found.alert_id)
    return {"told": told}
