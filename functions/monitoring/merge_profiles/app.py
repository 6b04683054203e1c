"""Puts the profiles of a window's batches together."""

from typing import Any

from fmops.core import log, wiring
from fmops.core.artifacts import Location
from fmops.monitoring.merging import merge_window
from fmops.monitoring.models import WindowTask
from fmops.usecases.store import load

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, manifest = WindowTask.model_validate(event["task"]), Location(**event["manifest"])
    size = load(wiring.ledger(), task.use_case).monitoring.toxicity_sample
    merged = merge_window(wiring.store(), wiring.settings().artifacts_bucket, task, manifest, size)
    logger.info("window merged", extra={"run_id": task.run_id, **merged.model_dump(mode="json")})
    return merged.model_dump(mode="json")
