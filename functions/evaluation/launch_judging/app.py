"""Launches the job in which a judge reads the candidates' answers; the state waits until the job's end is known."""

from typing import Any

from fmops.core import log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.desk import JudgingTask
from fmops.evaluation.launching.launch_judging import launch_judging

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    yard = wiring.yard(core.settings().evaluation_role)
    launched = launch_judging(yard, JudgingTask.model_validate(event)).model_dump(mode="json")
    trail.note_job(yard.desk, event["run_id"], launched["name"], yard.now)
    logger.info("judging launched", extra={"run_id": event["run_id"], "job": launched})
    return launched
