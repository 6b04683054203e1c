"""Scores the answers of an earlier window, whose truths may be no longer late."""

from typing import Any

from fmops.core import log, wiring
from fmops.monitoring.models import WindowTask
from fmops.monitoring.quality.measuring import TruthDesk, measure_quality

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    task, settings = WindowTask.model_validate(event["task"]), wiring.settings()
    desk = TruthDesk(wiring.ledger(), wiring.store(), settings.artifacts_bucket, settings.datasets_bucket)
    found = measure_quality(desk, task)
    counts = found.model_dump(include={"window", "verdict", "captured", "matched", "truths"}) if found else {}
    logger.info("quality measured", extra={"run_id": task.run_id, **counts})
    return found.model_dump(mode="json") if found else None
