"""The last step of a release: the champion's record, and what nobody can go back to any more."""

from datetime import datetime

from fmops.core.clock import iso
from fmops.core.errors import ReleaseTakenBack
from fmops.core.events import Emitter, ModelReleased
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release import records, retention, routing, trail
from fmops.release.models import Champion, Release, Served, Status
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints


class Completed(Ours):
    """What serves from now on."""

    release_id: str
    use_case: str
    endpoint: str
    model_package_arn: str
    shelved: str | None
    """The configuration that served before the one before; it is removed after the use case's days."""


def complete(
    ledger: Ledger,
    endpoints: LiveEndpoints,
    emitter: Emitter,
    watch: Watch,
    routes: Routes,
    release: Release,
    *,
    answers_uri: str,
    scores_uri: str,
    now: datetime,
) -> Completed:
    """Make the release the champion, and announce it. Twice is no harm.

    ReleaseTakenBack where SageMaker went back to what served before: its endpoint is in service then, too.
    `answers_uri` and `scores_uri` are the evaluation's: monitoring makes its baseline of them.
    """
    if release.by_route:
        routing.must_serve(routes, release)
    else:
        _must_serve(endpoints, watch, release)
    before = records.champion(ledger, release.use_case)
    if before is None or before.release_id != release.release_id:
        records.crown(ledger, champion(release, before, answers_uri, scores_uri, now), now)
        before = records.champion(ledger, release.use_case)
    if release.status is not Status.RELEASED:
        event = ModelReleased(
            run_id=release.run_id,
            use_case=release.use_case,
            release_id=release.release_id,
            endpoint=release.endpoint,
            model_package_arn=release.model_package_arn,
            digest=release.digest,
        )
        records.move(ledger, release, Status.RELEASED, now, emit=event)
    # Before it is announced: that has the audit sealed.
    trail.note_release(ledger, release.release_id, now)
    ledger.announce(records.key(release.release_id), emitter)
    return Completed(
        release_id=release.release_id,
        use_case=release.use_case,
        endpoint=release.endpoint,
        model_package_arn=release.model_package_arn,
        shelved=retention.shelve_outlived(ledger, before, now),
    )


def _must_serve(endpoints: LiveEndpoints, watch: Watch, release: Release) -> None:
    live = endpoints.find(release.endpoint)
    # A later release may have begun to replace it: what the endpoint serves until then is still this one.
    if live is not None and live.config == release.endpoint_config and live.status in ("InService", "Updating"):
        return
    tripped = watch.tripped(release) if release.previous_config else []
    state = f"{live.status} with {live.config}" if live else "gone"
    raise ReleaseTakenBack(
        f"{release.endpoint} is {state}, and not in service with {release.endpoint_config}"
        + (f": SageMaker went back after alarm {'; alarm '.join(tripped)}" if tripped else "")
    )


def champion(release: Release, before: Champion | None, answers_uri: str, scores_uri: str, now: datetime) -> Champion:
    """The record of what serves, with what served before it on the same endpoint."""
    kept = None
    if before and (release.by_route or release.previous_config == before.endpoint_config):
        kept = Served(endpoint_config=before.endpoint_config, release_id=before.release_id)
    return Champion(
        run_id=release.run_id,
        use_case=release.use_case,
        candidate=release.candidate,
        model_package_arn=release.model_package_arn,
        digest=release.digest,
        # Empty for a route: there is nothing of ours that could be asked.
        endpoint="" if release.by_route else release.endpoint,
        endpoint_config=release.endpoint_config,
        model_id=str((release.route or {}).get("model_id", "")),
        release_id=release.release_id,
        released_at=iso(now),
        capture_uri=release.capture_uri,
        answers_uri=answers_uri,
        scores_uri=scores_uri,
        previous=kept,
    )
