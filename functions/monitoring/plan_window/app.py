"""Claims a window and writes down which objects are to be read."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.monitoring.models import WindowTask
from fmops.monitoring.planning import plan

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, bucket = WindowTask.model_validate(event), wiring.settings().artifacts_bucket
    planned = plan(wiring.ledger(), wiring.store(), bucket, task, clock.now())
    logger.info("window planned", extra={"run_id": task.run_id, "objects": planned.objects})
    return planned.model_dump(mode="json")
