"""Starts a candidate's endpoint; the state waits until it is in service."""

from typing import Any

from fmops.core import log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.desk import CandidateTask
from fmops.evaluation.launching.start_inference import start_inference

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    yard = wiring.yard(core.settings().endpoint_role)
    launched = start_inference(yard, CandidateTask.model_validate(event), core.client("s3")).model_dump(mode="json")
    trail.note_job(yard.desk, event["run_id"], launched["name"], yard.now)
    logger.info("inference started", extra={"run_id": event["run_id"], "endpoint": launched})
    return launched
