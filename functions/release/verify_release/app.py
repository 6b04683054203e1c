"""Asks the new endpoint the evaluation's golden prompts."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.models import ANSWERS_FILE, Decoding
from fmops.evaluation.places import RunPlaces
from fmops.release import candidates, golden, records
from fmops.release.verifying import verify
from fmops.serving.live import LiveEndpoints
from fmops.usecases.store import load

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    release = records.load(ledger, event["release_id"])
    results = RunPlaces(wiring.settings().artifacts_bucket, release.run_id).candidate(release.candidate).results
    answers = candidates.answers(wiring.store(), results.child(ANSWERS_FILE).uri)
    goldens = golden.choose(answers, load(ledger, release.use_case).release.golden_prompts, release.run_id)
    decoding = Decoding.model_validate(candidates.artifact_of(ledger, release.run_id, release.candidate).decoding)
    found = verify(
        ledger,
        LiveEndpoints(wiring.client("sagemaker")),
        wiring.client("sagemaker-runtime"),
        release,
        goldens,
        decoding.parameters(),
        greedy=not decoding.do_sample,
        now=clock.now(),
    ).model_dump(mode="json")
    logger.info("release verified", extra={"release_id": release.release_id, **found})
    return {"release_id": release.release_id, **found}
