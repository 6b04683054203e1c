"""A person says that a release's newer traffic is normal: windows become the baseline of those that follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import Field, ValidationError, model_validator

from fmops.audit.chain import Step
from fmops.audit.proof import OBJECTS, pinned
from fmops.audit.records import append
from fmops.core.artifacts import Location, Store, location
from fmops.core.clock import iso, parse
from fmops.core.errors import BadInput, NotFound
from fmops.core.events import BaselineAccepted, Emitter
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Ours, Theirs
from fmops.monitoring import records
from fmops.monitoring.models import Target, WatchPlaces, Window
from fmops.monitoring.profile.model import Profile, pack, together, unpack
from fmops.usecases.store import load

KIND = "baseline"
MOST_WINDOWS = 720
_Name = r"^\d{4}-\d\d-\d\dT\d\d:00Z(\+\d{1,3}h)?$"


class Wanted(Ours):
    """What a person wants to be normal: the judged windows from `since` to `until`, both included."""

    use_case: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    since: str = Field(pattern=_Name)
    until: str = Field(pattern=_Name)
    reason: str = Field(min_length=1, max_length=500)
    by: str = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _is_in_order(self) -> "Wanted":
        if self.until < self.since:
            raise ValueError("the last window lies before the first")
        return self


class Accepted(Theirs):
    """The ledger's record of it."""

    accepted_id: str
    run_id: str
    use_case: str
    release_id: str
    windows: list[str]
    until: str
    """The last window's end: later ones are compared with this baseline."""
    records: int
    by: str
    reason: str
    accepted_at: str
    profile_uri: str


class Desk(NamedTuple):
    """What accepting needs."""

    ledger: Ledger
    store: Store
    emitter: Emitter
    bucket: str


def accept(desk: Desk, document: Mapping[str, Any], now: datetime) -> Accepted:
    """Make windows the baseline, write down who wanted it and why, and announce it.

    BadInput where a window had too little data, or the whole has; NotFound where there are none in this span.
    """
    wanted = _wanted(document)
    target, rule = records.target(desk.ledger, wanted.use_case), load(desk.ledger, wanted.use_case).monitoring
    chosen = choose(records.judged_windows(desk.ledger, target), wanted, rule.min_records)
    names = [str(one["window"]) for one in chosen]
    profile = together([_profile(desk, wanted.use_case, name) for name in names])
    accepted_id = f"accepted-{short_hash(target.release_id, *names, iso(now), length=12)}"
    place = Location(desk.bucket, f"monitoring/{wanted.use_case}/baselines/{accepted_id}.npz")
    desk.store.write(place, pack(profile))
    found = Accepted(
        accepted_id=accepted_id,
        run_id=target.run_id,
        use_case=wanted.use_case,
        release_id=target.release_id,
        windows=names,
        until=iso(Window(start=parse(chosen[-1]["start"]), hours=chosen[-1]["hours"]).end),
        records=profile.different_records,
        by=wanted.by,
        reason=wanted.reason,
        accepted_at=iso(now),
        profile_uri=place.uri,
    )
    # First of all what proves it: a baseline that nobody is known to have accepted must not count.
    append(desk.ledger, found.run_id, Step.BASELINE, accepted_id, facts(desk.store, found), now)
    event = BaselineAccepted(**found.model_dump(include=set(BaselineAccepted.model_fields)))
    key = _key(found.use_case, found.release_id, found.accepted_at)
    desk.ledger.put_once(key, found.model_dump(mode="json"), kind=KIND, now=now, emit=event)
    desk.ledger.announce(key, desk.emitter)
    return found


def choose(judged: Sequence[Mapping[str, Any]], wanted: Wanted, least: int) -> list[Mapping[str, Any]]:
    """The judged windows of the release that are wanted.

    NotFound where the first or the last is none, BadInput where they won't do.
    """
    chosen = [one for one in judged if wanted.since <= str(one["window"]) <= wanted.until]
    names = {str(one["window"]) for one in chosen}
    if not {wanted.since, wanted.until} <= names:
        missing = next(name for name in (wanted.since, wanted.until) if name not in names)
        raise NotFound(f"what serves now has no judged window {missing}; `fmops monitoring windows` lists them")
    if len(chosen) > MOST_WINDOWS:
        raise BadInput(f"{len(chosen)} windows are too many; at most {MOST_WINDOWS} make a baseline")
    poor = [str(one["window"]) for one in chosen if not one.get("drift")]
    if poor:
        more = f" and {len(poor) - 1} more" if len(poor) > 1 else ""
        raise BadInput(f"the window {poor[0]}{more} had too little data to be compared; leave it out")
    seen = sum(one["records"] for one in chosen)
    if seen < least:
        raise BadInput(f"these windows hold {seen} records; at least {least} (monitoring.min_records) are needed")
    return list(chosen)


def newest(ledger: Ledger, target: Target, window: Window) -> Accepted | None:
    """What was accepted last of what this window may be compared with: it is never compared with itself."""
    found = [Accepted.model_validate(one) for one in ledger.records(*_key(target.use_case, target.release_id))]
    usable = [one for one in found if parse(one.until) <= window.start]
    return usable[-1] if usable else None


def find(ledger: Ledger, run_id: str, accepted_id: str) -> Accepted | None:
    """By its id, for whoever proves the audit."""
    found = (Accepted.model_validate(one) for one in ledger.of_kind(KIND) if "accepted_id" in one)
    return next((one for one in found if (one.run_id, one.accepted_id) == (run_id, accepted_id)), None)


def facts(store: Store, found: Accepted) -> dict[str, Any]:
    """As its row of the audit tells it."""
    told = found.model_dump(mode="json", include={"release_id", "windows", "records", "by", "reason"})
    return {**told, OBJECTS: [pinned(store, location(found.profile_uri))]}


def _wanted(document: Mapping[str, Any]) -> Wanted:
    try:
        return Wanted.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadInput(f"{'.'.join(map(str, fault['loc'])) or 'the span'}: {fault['msg']}") from error


def _profile(desk: Desk, use_case: str, window: str) -> Profile:
    try:
        return unpack(desk.store.read(WatchPlaces(desk.bucket, use_case, window).profile))
    except (NotFound, ValueError) as error:
        raise BadInput(f"the profile of the window {window} can't be read any more; leave it out") from error


def _key(use_case: str, release_id: str, at: str = "") -> Key:
    return Key(f"USECASE#{use_case}", f"ACCEPTED#{release_id}#{at}")
