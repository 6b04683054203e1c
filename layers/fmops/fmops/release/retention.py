"""Models and configurations that serve no more: kept for some days, removed once nobody can go back to them."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from fmops.core.clock import iso, parse
from fmops.core.ids import is_route
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Ours, Theirs
from fmops.release import records
from fmops.release.models import Champion, Release
from fmops.serving.live import LiveEndpoints
from fmops.usecases.releasing import KEEP_DAYS, EndpointTarget
from fmops.usecases.store import load

KIND = "shelved_config"
REMOVED_KIND = "removed_config"


class Shelved(Theirs):
    """The ledger's record of a configuration that does not serve any more. Its model has the same name."""

    run_id: str
    use_case: str
    release_id: str
    """Whose end put it here."""
    endpoint: str
    endpoint_config: str
    shelved_at: str


class Cleared(Ours):
    """What a look at the shelf led to, by configuration."""

    removed: list[str]
    failed: list[str]
    """Of which AWS refused the removal; tried again the next time."""


def shelve_outlived(ledger: Ledger, current: Champion | None, now: datetime) -> str | None:
    """Put what served two releases ago on the shelf, and name it: one step back stays, whatever the days."""
    if current is None or current.previous is None or is_route(current.model_package_arn):
        return None
    old = records.load(ledger, current.previous.release_id).previous_config
    if old is None or old in _kept(current):
        return None
    return shelve(ledger, records.load(ledger, current.release_id), old, now)


def shelve_undone(ledger: Ledger, release: Release, now: datetime) -> str | None:
    """Put what was made for a release that was taken back on the shelf, and name it."""
    if release.by_route or release.rollback_of or not release.endpoint_config:
        return None
    return shelve(ledger, release, release.endpoint_config, now)


def shelve(ledger: Ledger, release: Release, config: str, now: datetime) -> str | None:
    """Twice for one release is no harm. None for what is not ours to remove: it has not the stack's prefix."""
    if config.partition("-")[0] != release.endpoint.partition("-")[0]:
        return None
    place = _key(release.use_case, config)
    known = ledger.get(place)
    if known is None or known["release_id"] != release.release_id:
        shelved = Shelved(
            run_id=release.run_id,
            use_case=release.use_case,
            release_id=release.release_id,
            endpoint=release.endpoint,
            endpoint_config=config,
            shelved_at=iso(now),
        )
        ledger.put(place, {**shelved.model_dump(mode="json"), "status": "shelved"}, kind=KIND, now=now)
    return config


def clear(ledger: Ledger, endpoints: LiveEndpoints, now: datetime) -> Cleared:
    """Remove what has lain long enough, and neither serves nor may have to."""
    done = Cleared(removed=[], failed=[])
    wanted: set[str] | None = None
    for record in ledger.of_kind(KIND):
        shelved = Shelved.model_validate(record)
        if now < parse(shelved.shelved_at) + _days(ledger, shelved.use_case):
            continue
        wanted = _under_way(ledger) if wanted is None else wanted
        try:
            if shelved.endpoint_config in wanted or _serves(ledger, endpoints, shelved):
                continue
            endpoints.retire(shelved.endpoint_config, shelved.endpoint_config)
        except ClientError:
            done.failed.append(shelved.endpoint_config)
            continue
        place = _key(shelved.use_case, shelved.endpoint_config)
        ledger.transition(place, ["shelved"], "removed", {"removed_at": iso(now)}, now=now, kind=REMOVED_KIND)
        done.removed.append(shelved.endpoint_config)
    return done


def _serves(ledger: Ledger, endpoints: LiveEndpoints, shelved: Shelved) -> bool:
    """Whether it came back since. SageMaker itself lets the configuration of a serving endpoint be deleted."""
    if shelved.endpoint_config in _kept(records.champion(ledger, shelved.use_case)):
        return True
    live = endpoints.find(shelved.endpoint)
    return live is not None and shelved.endpoint_config in (live.config, live.pending_config)


def _kept(champion: Champion | None) -> tuple[str, ...]:
    if champion is None:
        return ()
    return (champion.endpoint_config, *([champion.previous.endpoint_config] if champion.previous else []))


def _under_way(ledger: Ledger) -> set[str]:
    """Configurations that a release goes to, or may have to go back to."""
    found = records.unfinished(ledger)
    return {name for one in found for name in (one.endpoint_config, one.previous_config) if name}


def _days(ledger: Ledger, use_case: str) -> timedelta:
    target = load(ledger, use_case).release
    return timedelta(days=target.keep_days if isinstance(target, EndpointTarget) else KEEP_DAYS)


def _key(use_case: str, config: str) -> Key:
    return Key(f"USECASE#{use_case}", f"SHELVED#{config}")
