"""Launches the FMEval job that asks the golden prompts; the state waits until its end is known."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.places import RunPlaces
from fmops.launches.wiring import launcher
from fmops.release import asking, records, trial
from fmops.release.evaluated import Evaluated
from fmops.release.places import GoldenPlaces, Stage
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger, store = wiring.settings(), wiring.ledger(), wiring.store()
    release, stage = records.load(ledger, event["release_id"]), Stage(event["stage"])
    live = stage is Stage.LIVE
    launched = asking.ask(
        asking.Desk(store, launcher(), settings.prefix, settings.evaluation_role),
        load(ledger, release.use_case),
        release,
        Evaluated.of(store, RunPlaces(settings.artifacts_bucket, release.run_id).root, release),
        GoldenPlaces.of(settings.artifacts_bucket, release.release_id, stage, event["attempt"]),
        asking.Asker(
            execution_arn=event["execution_arn"],
            task_token=event["task_token"],
            endpoint=release.endpoint if live else trial.name(settings.prefix, release.release_id),
        ),
        clock.now(),
    )
    logger.info("golden prompts asked", extra={**release.ids, "stage": stage, "job": launched.name})
    return launched.model_dump(mode="json")
