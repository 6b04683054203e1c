"""On a schedule: reminds, escalates, tells what was muted, sends mails that never went out, and counts what is open."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from fmops.alerts import records
from fmops.alerts.wiring import desk
from fmops.core import clock, log, wiring

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now = clock.now()
    told = desk().follow_up(now)
    _count(now)
    logger.info("alerts followed up", extra={"told": told})
    return {"told": told}


def _count(now: datetime) -> None:
    """None open is a number too: without it the alarm on these would not end."""
    for severity, count in records.open_by_severity(wiring.ledger()).items():
        metrics = EphemeralMetrics(namespace="fmops")
        metrics.add_dimension("Stack", wiring.settings().stack)
        metrics.add_dimension("Severity", severity.value)
        metrics.add_metric("OpenAlerts", MetricUnit.Count, count)
        metrics.set_timestamp(now)
        metrics.flush_metrics()
