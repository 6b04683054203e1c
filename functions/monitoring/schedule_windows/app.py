"""On a schedule: starts the monitoring journey for each window that is due, and beats so that silence is noticed."""

from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from fmops.core import clock, log, wiring
from fmops.monitoring.scheduling import schedule

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now = clock.now()
    steps, machine = wiring.client("stepfunctions"), wiring.settings().monitoring_machine
    scheduled = schedule(wiring.ledger(), steps, machine, now).model_dump(mode="json")
    metrics = EphemeralMetrics(namespace="fmops")
    metrics.add_dimension("Stack", wiring.settings().stack)
    metrics.add_metric("MonitorBeat", MetricUnit.Count, 1)
    metrics.set_timestamp(now)
    metrics.flush_metrics()
    logger.info("windows scheduled", extra=scheduled)
    return scheduled
