"""Launches the FMEval job over a sample of a window's answers; the state waits until the job's end is known."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.monitoring.models import WindowTask
from fmops.monitoring.toxicity.job import launch_toxicity
from fmops.monitoring.wiring import desk
from fmops.usecases.store import load

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, ledger = WindowTask.model_validate(event["task"]), wiring.ledger()
    launched = launch_toxicity(desk(), task, load(ledger, task.use_case), clock.now())
    logger.info("toxicity job launched", extra={"run_id": task.run_id, "job": launched.name})
    return launched.model_dump(mode="json")
