"""A model package waits for approval: ours are expected, anybody else's is told to people."""

from typing import Any

from fmops.core import log, wiring
from fmops.core.events import NothingStarted
from fmops.serving.registry import is_ours

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    arn = event["detail"]["ModelPackageArn"]
    described = wiring.client("sagemaker").describe_model_package(ModelPackageName=arn)
    ours = is_ours(wiring.ledger(), described.get("CustomerMetadataProperties", {}))
    if not ours:
        reason = "packages that others register are not evaluated; register a candidate in a use case instead"
        wiring.emitter().emit(NothingStarted(run_id="", use_case="", cause=f"model package {arn}", reason=reason))
    logger.info("package reviewed", extra={"package": arn, "ours": ours})
    return {"package": arn, "ours": ours}
