"""An event of ours that may start runs: one execution for each use case that it belongs to."""

from typing import Any

from fmops.core import log, wiring
from fmops.core.events import DatasetRegistered, ModelDiscovered, RetrainingRequested
from fmops.datasets.store import Registered
from fmops.usecases.starting import plan, start
from fmops.usecases.store import all_of

logger = log.logger("intake")

_EVENTS = {event.kind: event for event in (DatasetRegistered, ModelDiscovered, RetrainingRequested)}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    detail = _EVENTS[event["detail-type"]].model_validate(event["detail"])
    wanted = plan(detail, event["id"], all_of(wiring.ledger()), Registered(wiring.ledger()))
    machine = wiring.settings().evaluation_machine
    started = start(wiring.client("stepfunctions"), machine, wiring.emitter(), wanted).model_dump(mode="json")
    logger.info("event resolved", extra={"cause": wanted.cause, **started})
    return started
