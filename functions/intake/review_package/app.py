"""A model package waits in the registry: ours are expected, anybody else's is evaluated for its use case."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.datasets.store import Registered
from fmops.release.review_package import Means, review_package

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger, detail = wiring.settings(), wiring.ledger(), event["detail"]
    means = Means(
        ledger=ledger,
        datasets=Registered(ledger),
        emitter=wiring.emitter(),
        steps=wiring.client("stepfunctions"),
        evaluation_machine=settings.evaluation_machine,
        release_machine=settings.release_machine,
        stack=settings.stack,
        asks_about_console_approvals=settings.asks_about_console_approvals,
    )
    described = wiring.client("sagemaker").describe_model_package(ModelPackageName=detail["ModelPackageArn"])
    reviewed = review_package(means, described, detail.get("ModelApprovalStatus"), clock.now()).model_dump(mode="json")
    logger.info("package reviewed", extra=reviewed)
    return reviewed
