"""A person wants back what served before: takes that as a release of its own."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.release import registry, returning

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    wanted, ledger = returning.Wanted.model_validate(event["rollback"]), wiring.ledger()
    _, before = returning.previous(ledger, wanted.use_case)
    package = None if before.by_route else registry.read(wiring.client("sagemaker"), before.model_package_arn)
    claimed = returning.claim(ledger, wanted, package, event["execution_arn"], clock.now())
    logger.info(
        "rollback claimed",
        extra={"release_id": claimed.release_id, "run_id": claimed.run_id, "duplicate": claimed.duplicate},
    )
    return claimed.model_dump(mode="json")
