"""A custom resource of the template: when the stack goes, stops what it started and says what goes on costing."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.deployment.custom_resource import Request, serve
from fmops.deployment.leaving import Means, leave, words
from fmops.launches.wiring import purse

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(Request.model_validate(event), _work)


def _work(request: Request) -> dict[str, str]:
    if request.type != "Delete":
        return {}
    settings = wiring.settings()
    means = Means(wiring.ledger(), wiring.client("sagemaker"), purse(), wiring.client("stepfunctions"), settings.prefix)
    left = leave(means, request.properties["Machines"], clock.now())
    logger.warning("stack deleted", extra=left.model_dump(mode="json"))
    wiring.client("sns").publish(
        TopicArn=settings.alerts_topic,
        Subject=f"{settings.stack} is deleted: {len(left.serving)} endpoints go on serving"[:99],
        Message=words(settings.stack, left),
    )
    return {}
