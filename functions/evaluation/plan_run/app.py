"""First state of the evaluation journey: claims the run and writes its plan."""

from typing import Any

from fmops.catalog.bedrock import Bedrock
from fmops.catalog.hub import Hub
from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import trail, wiring
from fmops.evaluation.desk import PlanRequest
from fmops.evaluation.planning.choosing import Catalogs
from fmops.evaluation.planning.packages import found_package
from fmops.evaluation.planning.plan_run import Surroundings, plan_run
from fmops.launches.images import Images
from fmops.launches.quotas import ServiceQuotas

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = core.settings()
    images = settings.package_images
    catalogs = Catalogs(
        Hub(core.client("sagemaker"), settings.hub).model,
        # Made on first use: most use cases have no candidate of Bedrock's.
        lambda model_id: Bedrock(core.client("bedrock")).model(model_id),
        lambda arn: found_package(core.client("sagemaker").describe_model_package(ModelPackageName=arn), images),
    )
    outside = Surroundings(
        catalogs,
        settings.region,
        settings.application_hosts,
        s3=core.client("s3"),
        quotas=ServiceQuotas(core.ledger(), core.client("service-quotas")).of,
        images=Images(core.client("ssm"), settings.images).of,
    )
    planned = plan_run(wiring.desk(), outside, PlanRequest.model_validate(event), clock.now())
    if planned["outcome"] == "planned":
        trail.note_data(wiring.desk(), planned["run_id"], clock.now())
    logger.info("run planned", extra={"run_id": planned["run_id"], "outcome": planned["outcome"]})
    return planned
