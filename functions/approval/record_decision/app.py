"""After the wait for approvers, however it ended: writes the decision to the registry and announces it."""

from typing import Any

from fmops.approval.recording import record
from fmops.core import clock, log, wiring

logger = log.logger("approval")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    outcome = record(wiring.ledger(), wiring.client("sagemaker"), wiring.emitter(), event["run_id"], clock.now())
    logger.info("decision recorded", extra={"run_id": outcome.run_id, "decision": outcome.decision})
    return outcome.model_dump(mode="json")
