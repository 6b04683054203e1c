"""Puts the profiles of a window's batches together, and says whether its answers are to be scored for toxicity."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.core.artifacts import Location
from fmops.monitoring.merging import merge_window
from fmops.monitoring.models import WindowTask

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, manifest = WindowTask.model_validate(event["task"]), Location(**event["manifest"])
    bucket = wiring.settings().artifacts_bucket
    merged = merge_window(wiring.ledger(), wiring.store(), bucket, task, manifest, clock.now())
    logger.info("window merged", extra={"run_id": task.run_id, **merged.model_dump(mode="json")})
    return merged.model_dump(mode="json")
