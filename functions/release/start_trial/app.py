"""Starts the endpoint of a release's own; the state waits until it is in service."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.wiring import launcher
from fmops.release import records, trial
from fmops.release.candidates import artifact_of
from fmops.usecases.releasing import endpoint_target
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    release = records.load(ledger, event["release_id"])
    launched = trial.start(
        launcher(),
        wiring.settings().prefix,
        release,
        endpoint_target(load(ledger, release.use_case).release).instance_type,
        artifact_of(ledger, release.run_id, release.candidate).timeouts,
        trial.Waiter(event["execution_arn"], event["task_token"]),
        clock.now(),
    )
    logger.info("trial started", extra={**release.ids, "endpoint": launched.name})
    return launched.model_dump(mode="json")
