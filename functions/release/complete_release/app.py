"""Makes a verified release the champion of its use case."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.models import ANSWERS_FILE, SCORES_FILE
from fmops.evaluation.places import RunPlaces
from fmops.release import records
from fmops.release.completing import complete
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    release = records.load(wiring.ledger(), event["release_id"])
    results = RunPlaces(wiring.settings().artifacts_bucket, release.run_id).candidate(release.candidate).results
    completed = complete(
        wiring.ledger(),
        LiveEndpoints(wiring.client("sagemaker")),
        wiring.emitter(),
        Watch(wiring.client("cloudwatch"), wiring.settings().prefix),
        Routes(wiring.client("ssm")),
        release,
        answers_uri=results.child(ANSWERS_FILE).uri,
        scores_uri=results.child(SCORES_FILE).uri,
        now=clock.now(),
    ).model_dump(mode="json")
    logger.info("release completed", extra={**release.ids, **completed})
    return completed
