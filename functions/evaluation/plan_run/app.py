"""First state of the evaluation journey: claims the run and writes its plan."""

from typing import Any

from fmops.catalog.hub import Hub
from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import wiring
from fmops.evaluation.desk import PlanRequest
from fmops.evaluation.plan_run import plan_run

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    hub = Hub(core.client("sagemaker"), core.settings().hub)
    planned = plan_run(wiring.desk(), hub.model, PlanRequest.model_validate(event), clock.now())
    logger.info("run planned", extra={"run_id": planned["run_id"], "outcome": planned["outcome"]})
    return planned
