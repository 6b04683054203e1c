"""Takes a release back: to what served before, or to no endpoint where there was none. Waited for, and checked."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.errors import EndpointBusy, RollbackIncomplete
from fmops.core.events import Emitter, ReleaseRolledBack
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.core.plain import one_line
from fmops.release import records, retention, routing, trail
from fmops.release.models import Release, Status
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints

_LONGEST_REASON = 1000


class Yard(NamedTuple):
    """What taking back needs."""

    ledger: Ledger
    endpoints: LiveEndpoints
    watch: Watch
    routes: Routes
    stack: str


class Begun(Ours):
    """What was done to the endpoint."""

    release_id: str
    action: str
    waits: bool
    """Whether the endpoint's next final state has to be waited for."""


class Undone(Ours):
    """What became of the release."""

    release_id: str
    reason: str


def begin(yard: Yard, release: Release, now: datetime) -> Begun:
    """Begin to go back. EndpointBusy while SageMaker is at an endpoint that must go. Twice is no harm."""
    if release.status not in (Status.DEPLOYING, Status.VERIFIED):
        return Begun(release_id=release.release_id, action="nothing was deployed", waits=False)
    if release.by_route:
        action, waits = routing.move_back(yard.routes, release), False
    else:
        action, waits = _back(yard, release, now)
    return Begun(release_id=release.release_id, action=action, waits=waits)


def confirm(yard: Yard, emitter: Emitter, release: Release, reason: str, now: datetime) -> Undone:
    """Write down and announce that a release is taken back. RollbackIncomplete where it is not. Twice is no harm."""
    if release.status in (Status.DEPLOYING, Status.VERIFIED):
        if release.by_route:
            routing.must_be_back(yard.routes, release)
        else:
            _must_be_back(yard.endpoints, release)
    if release.status is not Status.ROLLED_BACK:
        tripped = yard.watch.tripped(release) if release.previous_config else []
        why = one_line("; ".join([reason, *(f"alarm {one}" for one in tripped)]), _LONGEST_REASON)
        event = ReleaseRolledBack(
            run_id=release.run_id,
            use_case=release.use_case,
            release_id=release.release_id,
            endpoint=release.endpoint,
            model_package_arn=release.model_package_arn,
            reason=why,
        )
        release = records.move(
            yard.ledger, release, Status.ROLLED_BACK, now, {"reason": why, "tripped": tripped}, event
        )
    retention.shelve_undone(yard.ledger, release, now)
    # Before it is announced: that has the audit sealed.
    trail.note_release(yard.ledger, release.release_id, now)
    yard.ledger.announce(records.key(release.release_id), emitter)
    return Undone(release_id=release.release_id, reason=release.reason)


def _back(yard: Yard, release: Release, now: datetime) -> tuple[str, bool]:
    live, previous = yard.endpoints.find(release.endpoint), release.previous_config
    if live is None or live.status == "Deleting":
        return f"{release.endpoint} is gone", False
    if live.goal != release.endpoint_config:
        return f"{release.endpoint} is {live.status} with {live.goal}, which is not this release's", live.busy
    if previous is None:
        if live.busy:
            raise EndpointBusy(f"{release.endpoint} is {live.status} and can't be deleted yet")
        yard.endpoints.remove(release.endpoint)
        return f"{release.endpoint} is deleted: it served nothing before", False
    if live.busy:
        # The old fleet is still there: with an alarm SageMaker goes back to it faster than any update of ours could.
        yard.watch.veto(release, now, worse=True)
        return f"{release.endpoint} is {live.status}; its quality alarm has SageMaker go back", True
    tags = {"fmops:stack": yard.stack, "fmops:use-case": release.use_case}
    begun = yard.endpoints.switch(release.endpoint, previous, tags)
    return f"{release.endpoint} goes back to {previous} ({begun})", True


def _must_be_back(endpoints: LiveEndpoints, release: Release) -> None:
    live, previous = endpoints.find(release.endpoint), release.previous_config
    if live is None or live.status == "Deleting":
        return
    if previous is None or not live.serves or live.goal == release.endpoint_config:
        wanted = f"in service with {previous}" if previous else "gone"
        raise RollbackIncomplete(f"{release.endpoint} is {live.status} with {live.goal}: it should be {wanted}")
