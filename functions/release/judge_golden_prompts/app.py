"""Judges how the golden prompts were answered; in the bake its verdict is a veto."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.places import RunPlaces
from fmops.release import records
from fmops.release.evaluated import Evaluated
from fmops.release.places import GoldenPlaces, Stage
from fmops.release.verifying import Bench, verify
from fmops.release.watching import Watch
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger, store = wiring.settings(), wiring.ledger(), wiring.store()
    release = records.load(ledger, event["release_id"])
    found = verify(
        Bench(ledger, store, Watch(wiring.client("cloudwatch"), settings.prefix)),
        release,
        Evaluated.of(store, RunPlaces(settings.artifacts_bucket, release.run_id).root, release),
        GoldenPlaces.of(settings.artifacts_bucket, release.release_id, Stage(event["stage"]), event["attempt"]),
        [rule.name for rule in load(ledger, release.use_case).metrics],
        clock.now(),
    )
    logger.info("golden prompts judged", extra={**release.ids, "stage": event["stage"]})
    return {"release_id": release.release_id, **found.model_dump(mode="json")}
