"""Takes a release back: to what served before, or to no endpoint where there was none."""

from datetime import datetime

from fmops.core.events import Emitter, ReleaseRolledBack
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release import records, trail
from fmops.release.models import Release, Status
from fmops.serving.live import LiveEndpoints

_LONGEST_REASON = 1000


class Undone(Ours):
    """What became of the endpoint."""

    release_id: str
    action: str
    reason: str


def roll_back(
    ledger: Ledger, endpoints: LiveEndpoints, emitter: Emitter, release: Release, reason: str, stack: str, now: datetime
) -> Undone:
    """EndpointBusy while SageMaker is still at the endpoint. Twice is no harm."""
    action = "nothing was deployed"
    if release.status in (Status.DEPLOYING, Status.VERIFIED):
        action = _restore(endpoints, release, stack)
    if release.status is not Status.ROLLED_BACK:
        why = reason[:_LONGEST_REASON]
        event = ReleaseRolledBack(
            run_id=release.run_id,
            use_case=release.use_case,
            release_id=release.release_id,
            endpoint=release.endpoint,
            model_package_arn=release.model_package_arn,
            reason=why,
        )
        release = records.move(ledger, release, Status.ROLLED_BACK, now, {"reason": why}, event)
    # Before it is announced: that has the audit sealed.
    trail.note_release(ledger, release.release_id, now)
    ledger.announce(records.key(release.release_id), emitter)
    return Undone(release_id=release.release_id, action=action, reason=release.reason)


def _restore(endpoints: LiveEndpoints, release: Release, stack: str) -> str:
    if release.previous_config is None:
        endpoints.remove(release.endpoint)
        return f"{release.endpoint} is deleted: it served nothing before"
    tags = {"fmops:stack": stack, "fmops:use-case": release.use_case}
    begun = endpoints.switch(release.endpoint, release.previous_config, tags)
    return f"{release.endpoint} goes back to {release.previous_config} ({begun})"
