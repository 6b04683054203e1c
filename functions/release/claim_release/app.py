"""A package was approved in the registry: takes its release, if a person approved exactly this artifact."""

from typing import Any

from fmops.approval.records import find
from fmops.core import clock, log, wiring
from fmops.core.ids import is_route
from fmops.release import registry, routing
from fmops.release.claiming import Sources, claim

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    now, uri = clock.now(), event["model_package_arn"]
    if is_route(uri):
        claimed = routing.claim(
            wiring.ledger(), uri, find(wiring.ledger(), event["run_id"]), event["execution_arn"], now
        )
        logger.info(
            "release claimed",
            extra={"release_id": claimed.release_id, "run_id": claimed.run_id, "duplicate": claimed.duplicate},
        )
        return claimed.model_dump(mode="json")
    package = registry.read(wiring.client("sagemaker"), uri)
    approval = find(wiring.ledger(), registry.run_id(package))
    sources = Sources(wiring.ledger(), wiring.store(), wiring.client("s3"))
    claimed = claim(sources, package, approval, event["execution_arn"], now)
    logger.info(
        "release claimed",
        extra={"release_id": claimed.release_id, "run_id": claimed.run_id, "duplicate": claimed.duplicate},
    )
    return claimed.model_dump(mode="json")
