"""On a schedule: asks the hub and Bedrock for their models, and announces the new ones."""

from typing import Any

from fmops.catalog.bedrock import Bedrock
from fmops.catalog.discovery import Desk, discover
from fmops.catalog.hub import Hub
from fmops.core import clock, log, wiring
from fmops.usecases.store import all_of

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    desk = Desk(
        wiring.ledger(),
        wiring.emitter(),
        Hub(wiring.client("sagemaker"), wiring.settings().hub),
        Bedrock(wiring.client("bedrock")),
        all_of(wiring.ledger()),
    )
    looks = [look.model_dump(mode="json") for look in discover(desk, clock.now())]
    logger.info("catalogues looked at", extra={"looks": looks})
    return {"looks": looks}
