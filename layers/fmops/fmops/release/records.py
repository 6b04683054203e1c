"""Releases and champions in the ledger."""

from datetime import datetime
from typing import Any

from fmops.core.clock import iso
from fmops.core.events import Event
from fmops.core.ledger import Key, Ledger
from fmops.release.models import TRANSITIONS, Champion, Release, Status

KIND = "release"
CHAMPION_KIND = "champion"


def key(release_id: str) -> Key:
    return Key(f"RELEASE#{release_id}", "RELEASE")


def champion_key(use_case: str) -> Key:
    return Key(f"USECASE#{use_case}", "CHAMPION")


def load(ledger: Ledger, release_id: str) -> Release:
    """NotFound where nobody claimed it."""
    return Release.model_validate(ledger.require(key(release_id)))


def claim(ledger: Ledger, release: Release, now: datetime) -> Release:
    """Take a release for its execution; the record as it is. Duplicate where another execution has it."""
    record = release.model_dump(mode="json", exclude={"owner", "created_at", "updated_at"})
    place = key(release.release_id)
    return Release.model_validate(ledger.claim(place, release.owner, record, kind=KIND, now=now))


def move(
    ledger: Ledger,
    release: Release,
    after: Status,
    now: datetime,
    changes: dict[str, Any] | None = None,
    emit: Event | None = None,
) -> Release:
    """Change a release's status. StaleTransition where it does not stand where that is possible from."""
    ended = {"ended_at": iso(now)} if after in (Status.RELEASED, Status.ROLLED_BACK) else {}
    return Release.model_validate(
        ledger.transition(
            key(release.release_id), TRANSITIONS[after], after, {**(changes or {}), **ended}, now=now, emit=emit
        )
    )


def note(ledger: Ledger, release: Release, changes: dict[str, Any], now: datetime) -> Release:
    """Write what became known of a release, whatever its status."""
    return Release.model_validate(ledger.change(key(release.release_id), changes, now=now))


def unfinished(ledger: Ledger, newest: int = 50) -> list[Release]:
    """Those of the newest releases that neither serve nor were taken back."""
    found = (Release.model_validate(record) for record in ledger.of_kind(KIND, newest=newest))
    return [release for release in found if release.status not in (Status.RELEASED, Status.ROLLED_BACK)]


def champion(ledger: Ledger, use_case: str) -> Champion | None:
    record = ledger.get(champion_key(use_case))
    return Champion.model_validate(record) if record else None


def crown(ledger: Ledger, new: Champion, now: datetime) -> None:
    """Write what serves from now on."""
    record = new.model_dump(mode="json", exclude={"created_at"})
    ledger.put(champion_key(new.use_case), record, kind=CHAMPION_KIND, now=now)
