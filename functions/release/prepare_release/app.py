"""Makes the model and the endpoint configuration of a release."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.wiring import stack_network
from fmops.release import records, routing
from fmops.release.candidates import artifact_of
from fmops.release.deploying import Target, endpoint_name, prepare
from fmops.release.rollout import deadline_seconds
from fmops.release.routes import Routes
from fmops.serving.live import LiveEndpoints
from fmops.usecases.releasing import endpoint_target, request_metadata
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger = wiring.settings(), wiring.ledger()
    release = records.load(ledger, event["release_id"])
    wished = load(ledger, release.use_case).release
    if release.by_route:
        routes = Routes(wiring.client("ssm"))
        metadata = request_metadata(wished)
        moved = routing.prepare(ledger, routes, release, metadata, settings.capture_bucket, clock.now())
        logger.info("release prepared", extra={**release.ids, "endpoint": moved.endpoint})
        return moved.model_dump(mode="json")
    wanted = endpoint_target(wished)
    target = Target(
        endpoint=endpoint_name(settings.prefix, wanted.endpoint_name),
        instance_type=wanted.instance_type,
        instance_count=wanted.instance_count,
        capture_percent=wanted.capture_percent,
        capture_kms_key=wanted.capture_kms_key,
        capture_bucket=settings.capture_bucket,
        role_arn=settings.endpoint_role,
    )
    prepared = prepare(
        ledger,
        LiveEndpoints(wiring.client("sagemaker"), stack_network()),
        release,
        artifact_of(ledger, release.run_id, release.candidate),
        target,
        prefix=settings.prefix,
        stack=settings.stack,
        deadline_seconds=deadline_seconds(wanted.rollout, wanted.instance_count),
        now=clock.now(),
    )
    logger.info("release prepared", extra={**release.ids, "endpoint": prepared.endpoint})
    return prepared.model_dump(mode="json")
