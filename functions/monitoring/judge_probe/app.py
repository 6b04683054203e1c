"""Judges what the bias probe's answers scored, and writes it down."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.monitoring.models import WindowTask
from fmops.monitoring.probe.judging import judge_probe

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, bucket = WindowTask.model_validate(event["task"]), wiring.settings().artifacts_bucket
    found = judge_probe(wiring.ledger(), wiring.store(), wiring.emitter(), bucket, task, clock.now())
    logger.info("bias probe judged", extra={"run_id": task.run_id, "templates": found.templates})
    return {"templates": found.templates, "sure": [one.group for one in found.sure]}
