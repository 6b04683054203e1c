"""A job or an endpoint of ours changed: tells the execution that waits, if it is over."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches import records
from fmops.launches.wiring import callbacks

logger = log.logger("operations")

_NAMES = ("TrainingJobName", "ProcessingJobName", "EndpointName")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    name = next(event["detail"][member] for member in _NAMES if member in event["detail"])
    resumed = callbacks().resume(name, clock.now())
    job = records.find(wiring.ledger(), name)
    logger.info("news of a job", extra={"job": name, "run_id": job.run_id if job else "", "led_to": resumed})
    return {"name": name, "led_to": resumed}
