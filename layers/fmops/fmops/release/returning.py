"""One step back, because a person wants it: a release of what served before, claimed like any other."""

import itertools
from datetime import datetime

from pydantic import Field

from fmops.core.clock import iso
from fmops.core.errors import Duplicate, NotApproved, NotFound
from fmops.core.ids import short_hash
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release import records
from fmops.release.claiming import Claimed, claimed
from fmops.release.models import Champion, Package, Release, Status


class Wanted(Ours):
    """The member `rollback` of the journey's input."""

    use_case: str
    reason: str = Field(min_length=1, max_length=500)
    by: str = Field(min_length=1, max_length=200)
    """Who asked for it."""


def previous(ledger: Ledger, use_case: str) -> tuple[Champion, Release]:
    """What serves, and the release of what served before. NotFound where there is no step back."""
    champion = records.champion(ledger, use_case)
    if champion is None:
        raise NotFound(f"nothing of {use_case} was released, so there is nothing to take back")
    if champion.previous is None:
        raise NotFound(f"{use_case} serves its first release ({champion.release_id}): nothing served before it")
    return champion, records.load(ledger, champion.previous.release_id)


def claim(ledger: Ledger, wanted: Wanted, package: Package | None, execution_arn: str, now: datetime) -> Claimed:
    """Take the release of what served before. NotApproved where the registry withdrew it since.

    `package` is None for a route: what it names stands in no registry.
    """
    champion, before = previous(ledger, wanted.use_case)
    if package is not None and package.approval_status != "Approved":
        raise NotApproved(f"{package.arn} served before, and is {package.approval_status} in the registry by now")
    release = Release(
        release_id=_release_id(ledger, champion, before, execution_arn),
        run_id=before.run_id,
        use_case=before.use_case,
        candidate=before.candidate,
        status=Status.CLAIMED,
        model_package_arn=before.model_package_arn,
        digest=before.digest,
        execution_arn=execution_arn,
        owner=execution_arn,
        started_at=iso(now),
        endpoint=before.endpoint,
        endpoint_config=before.endpoint_config,
        rollback_of=champion.release_id,
        wanted_by=wanted.by,
        reason=wanted.reason,
    )
    try:
        return claimed(records.claim(ledger, release, now), duplicate=False)
    except Duplicate:
        return claimed(release, duplicate=True)


def _release_id(ledger: Ledger, champion: Champion, before: Release, execution_arn: str) -> str:
    """The same step back asked for twice is one, unless the first try was itself taken back."""
    for number in itertools.count():
        found = f"rel-{short_hash('rollback', champion.release_id, before.release_id, number, length=12)}"
        record = ledger.get(records.key(found))
        if record is None or record["owner"] == execution_arn or record["status"] != Status.ROLLED_BACK:
            break
    return found
