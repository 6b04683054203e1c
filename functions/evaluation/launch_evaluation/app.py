"""Launches a candidate's FMEval job; the state waits until the job's end is known."""

from typing import Any

from fmops.core import log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.desk import CandidateTask
from fmops.evaluation.launching.launch_evaluation import launch_evaluation

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = core.settings()
    yard = wiring.yard(settings.evaluation_role)
    task = CandidateTask.model_validate(event)
    launched = launch_evaluation(yard, task, settings.region, core.client("s3")).model_dump(mode="json")
    trail.note_job(yard.desk, event["run_id"], launched["name"], yard.now)
    logger.info("evaluation launched", extra={"run_id": event["run_id"], "job": launched})
    return launched
