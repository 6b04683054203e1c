"""Events that people must know of, ours, Step Functions' and CodeBuild's: one mail for each cause."""

from typing import Any

from fmops.alerts.builds import BUILD_EVENT, of_build
from fmops.alerts.messages import EVENTS, EXECUTION_EVENT, of_event, of_execution
from fmops.alerts.raising import raise_alert
from fmops.alerts.topic import Topic
from fmops.core import clock, log, wiring
from fmops.core.errors import NotFound
from fmops.usecases.store import load

logger = log.logger("operations")
_OF_AWS = {BUILD_EVENT: of_build, EXECUTION_EVENT: of_execution}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    kind, detail = event["detail-type"], event["detail"]
    alert = of_event(kind, detail) if kind in EVENTS else _OF_AWS[kind](detail)
    if alert is None:
        return {"alert_id": None}
    alert = alert.model_copy(update={"recipients": [*alert.recipients, *_owner(alert.use_case)]})
    topic = Topic(wiring.client("sns"), wiring.settings().alerts_topic)
    news = raise_alert(wiring.ledger(), topic, wiring.emitter(), alert, clock.now())
    logger.info("alert raised" if news else "alert known", extra={"alert_id": alert.alert_id, "reason": alert.reason})
    return {"alert_id": alert.alert_id, "news": news}


def _owner(use_case: str) -> list[str]:
    try:
        return [load(wiring.ledger(), use_case).owner] if use_case else []
    except NotFound:
        return []
