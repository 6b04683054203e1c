"""A run's jobs are over: the next run that waits may begin."""

from typing import Any

from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import wiring

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    wiring.turn_desk(core.settings().max_runs).end(event["run_id"], clock.now())
    logger.info("turn ended", extra={"run_id": event["run_id"]})
    return {"run_id": event["run_id"]}
