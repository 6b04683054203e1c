"""S3 `Object Created` in the datasets bucket: registers the dataset, or says what is wrong with it."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.datasets.intake import Intake, ObjectCreated
from fmops.usecases.store import all_of

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    detail = event["detail"]
    created = ObjectCreated(
        bucket=detail["bucket"]["name"], key=detail["object"]["key"], version=detail["object"].get("version-id")
    )
    intake = Intake(wiring.ledger(), wiring.store(), wiring.emitter(), wiring.settings().artifacts_bucket)
    outcome = intake.take(created, all_of(wiring.ledger()), clock.now()).model_dump(mode="json")
    logger.info("object taken in", extra=outcome)
    return outcome
