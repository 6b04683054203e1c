"""Launches a candidate's training job; the state waits until the job's end is known."""

from typing import Any

from fmops.core import log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.desk import CandidateTask
from fmops.evaluation.launching.launch_fine_tuning import launch_fine_tuning

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    yard = wiring.yard(core.settings().training_role)
    launched = launch_fine_tuning(yard, CandidateTask.model_validate(event)).model_dump(mode="json")
    trail.note_job(yard.desk, event["run_id"], launched["name"], yard.now)
    logger.info("fine-tuning launched", extra={"run_id": event["run_id"], "job": launched})
    return launched
