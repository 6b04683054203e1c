"""Registers the winner as a model package that waits for a person."""

from typing import Any

from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.register_winner import register_winner
from fmops.serving.registry import Registry

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = core.settings()
    registry = Registry(core.client("sagemaker"), core.ledger(), settings.model_group)
    registered = register_winner(
        wiring.desk(), registry, core.client("s3"), settings.stack, event["run_id"], clock.now()
    )
    trail.note_package(wiring.desk(), event["run_id"], registered, clock.now())
    logger.info("winner registered", extra={"run_id": event["run_id"], **registered})
    return registered
