"""Launches the FMEval job over a sample of a window's answers; the state waits until the job's end is known."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.images import Image, Images
from fmops.launches.wiring import launcher
from fmops.monitoring.models import WindowTask
from fmops.monitoring.toxicity.job import ToxicityDesk, launch_toxicity
from fmops.usecases.store import load

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, settings = WindowTask.model_validate(event["task"]), wiring.settings()
    desk = ToxicityDesk(
        store=wiring.store(),
        launcher=launcher(),
        bucket=settings.artifacts_bucket,
        prefix=settings.prefix,
        image=Images(wiring.client("ssm"), settings.images).one(Image.EVALUATE),
        role_arn=settings.evaluation_role,
    )
    launched = launch_toxicity(desk, task, load(wiring.ledger(), task.use_case), clock.now())
    logger.info("toxicity job launched", extra={"run_id": task.run_id, "job": launched.name})
    return launched.model_dump(mode="json")
