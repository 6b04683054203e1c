"""Queues a run for its turn; the state waits until it comes."""

from typing import Any

from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import wiring
from fmops.evaluation.turns.desk import TurnTask

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task = TurnTask.model_validate(event)
    desk = wiring.turn_desk(core.settings().max_runs)
    before = desk.ask(wiring.desk(), task, clock.now())
    logger.info("turn asked for", extra={"run_id": task.run_id, "before": before})
    return {"run_id": task.run_id, "before": before}
