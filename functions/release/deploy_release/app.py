"""Begins to serve a release; the state waits until all traffic is on it."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.places import RunPlaces
from fmops.launches.expecting import expect
from fmops.launches.models import Awaits
from fmops.launches.wiring import callbacks
from fmops.release import records, routing
from fmops.release.awaiting import expectation
from fmops.release.deploying import deploy
from fmops.release.evaluated import Evaluated
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints
from fmops.usecases.releasing import endpoint_target
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger, now = wiring.settings(), wiring.ledger(), clock.now()
    release = records.load(ledger, event["release_id"])
    if release.by_route:
        version = routing.move(ledger, Routes(wiring.client("ssm")), release, now)
        callbacks().succeed(event["task_token"], {"release_id": release.release_id, "version": version})
        logger.info("route moved", extra={**release.ids, "version": version})
        return {"release_id": release.release_id, "version": version}
    run = RunPlaces(settings.artifacts_bucket, release.run_id).root
    begun = deploy(
        ledger,
        LiveEndpoints(wiring.client("sagemaker")),
        Watch(wiring.client("cloudwatch"), settings.prefix),
        release,
        endpoint_target(load(ledger, release.use_case).release),
        evaluated_p95_ms=Evaluated.of(wiring.store(), run, release).latency_p95_ms(),
        stack=settings.stack,
        now=now,
    )
    expected = expectation(release, event, awaits=Awaits.ALL_TRAFFIC, endpoint_name=release.endpoint)
    resumed = expect(ledger, callbacks(), expected, now)
    logger.info("release deploying", extra={**release.ids, "begun": begun, "resumed": resumed.value})
    return {"release_id": release.release_id, "begun": begun}
