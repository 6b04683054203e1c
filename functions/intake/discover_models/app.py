"""On a schedule: asks the hub for its models and announces the new ones."""

from typing import Any

from fmops.catalog.discovery import discover
from fmops.catalog.hub import Hub
from fmops.core import clock, log, wiring

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    hub = Hub(wiring.client("sagemaker"), wiring.settings().hub)
    found = discover(wiring.ledger(), wiring.emitter(), hub.name, hub.models(), clock.now()).model_dump(mode="json")
    logger.info("hub looked at", extra=found)
    return found
