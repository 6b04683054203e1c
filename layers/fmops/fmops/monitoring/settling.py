"""The first hours of production extend a release's baseline: once, and only where none of them alarmed.

An evaluation has some hundred prompts, and they are no sample of what people will ask. What a release saw in its first
hours, and what the monitor judged as no different, makes the baseline wider and its intervals narrower.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Literal, NamedTuple

from fmops.core.artifacts import Location, Store, location
from fmops.core.clock import iso, parse
from fmops.core.errors import NotFound
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.monitoring import accepting, baseline, records, windows
from fmops.monitoring.models import Target, WatchPlaces, Window
from fmops.monitoring.profile.model import Profile, pack, together, unpack
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

KIND = "baseline"


class Settled(Theirs):
    """The ledger's record of what a release's first hours did to its baseline."""

    run_id: str
    use_case: str
    release_id: str
    outcome: Literal["extended", "kept"]
    reason: str
    until: str
    """The first hours' end; later windows are compared with the extended baseline."""
    windows: list[str]
    """Those whose records extend it."""
    evaluated: int
    """How many of its records are the evaluation's answers …"""
    observed: int
    """… and how many production's."""
    profile_uri: str | None


class Shelf(NamedTuple):
    """Where baselines lie, and what makes them."""

    ledger: Ledger
    store: Store
    bucket: str
    lexicon: Lexicon


class Decision(NamedTuple):
    """Which windows extend the baseline, and if none, why."""

    windows: list[str]
    reason: str


def decide(first: Sequence[Window], judged: Mapping[str, str], window: Window) -> Decision | None:
    """What the first windows allow, with their verdicts by name; None while `window` is too early to say.

    One that nobody judged is waited for, but not longer than the first windows lasted: it may never be.
    """
    begin, end = first[0].start, first[-1].end
    complete = all(one.name in judged for one in first)
    if window.start < end or (not complete and window.start < end + (end - begin)):
        return None
    verdicts = {one.name: judged[one.name] for one in first if one.name in judged}
    alarmed = [name for name, verdict in verdicts.items() if verdict == "ALARM"]
    if alarmed:
        return Decision([], f"{len(alarmed)} of its first {len(first)} windows alarmed, {alarmed[0]} first")
    usable = [name for name, verdict in verdicts.items() if verdict == "OK"]
    return Decision(usable, "" if usable else f"none of its first {len(first)} windows was OK")


def usual(shelf: Shelf, target: Target, window: Window, rule: Monitoring, now: datetime) -> Profile:
    """What a window is compared with: what a person accepted last, else the evaluation's answers with the first hours
    where these extended them.

    The first window behind them settles that, for good.
    """
    accepted = accepting.newest(shelf.ledger, target, window)
    if accepted is not None and (found := _read(shelf, location(accepted.profile_uri))) is not None:
        return found
    evaluated = baseline.baseline(shelf.store, shelf.bucket, target, shelf.lexicon)
    if not rule.settle_hours:
        return evaluated
    settled = find(shelf.ledger, target) or _settle(shelf, target, window, rule, evaluated, now)
    # A window is never compared with itself.
    if settled is None or settled.profile_uri is None or window.start < parse(settled.until):
        return evaluated
    return _read(shelf, location(settled.profile_uri)) or evaluated


def find(ledger: Ledger, target: Target) -> Settled | None:
    record = ledger.get(_key(target))
    return Settled.model_validate(record) if record else None


def _settle(
    shelf: Shelf, target: Target, window: Window, rule: Monitoring, evaluated: Profile, now: datetime
) -> Settled | None:
    count = ceil(rule.settle_hours / rule.window_hours)
    first = windows.first(parse(target.released_at), rule.window_hours, count)
    if window.start < first[-1].end:
        return None
    judged = {str(one["window"]): str(one["verdict"]) for one in records.judged_windows(shelf.ledger, target)}
    decision = decide(first, judged, window)
    if decision is None:
        return None
    found = {
        name: one
        for name in decision.windows
        if (one := _read(shelf, WatchPlaces(shelf.bucket, target.use_case, name).profile))
    }
    settled = Settled(
        run_id=target.run_id,
        use_case=target.use_case,
        release_id=target.release_id,
        outcome="extended" if found else "kept",
        reason=decision.reason or ("" if found else "the profiles of its first windows can't be read any more"),
        until=iso(first[-1].end),
        windows=list(found),
        evaluated=evaluated.records,
        observed=sum(one.records for one in found.values()),
        profile_uri=_write(shelf, target, evaluated, found).uri if found else None,
    )
    # Where another window was faster, what it wrote holds.
    written = shelf.ledger.put_new(_key(target), settled.model_dump(mode="json"), kind=KIND, now=now)
    return settled if written else find(shelf.ledger, target)


def _write(shelf: Shelf, target: Target, evaluated: Profile, found: Mapping[str, Profile]) -> Location:
    # Named for its windows: nobody overwrites what somebody else settled on.
    name = f"{target.release_id}-{short_hash(*found)}.npz"
    place = Location(shelf.bucket, f"monitoring/{target.use_case}/baselines/{name}")
    shelf.store.write(place, pack(together([evaluated, *found.values()])))
    return place


def _read(shelf: Shelf, place: Location) -> Profile | None:
    """None where it can't be read any more: it is gone, or was written by another version of this code."""
    try:
        return unpack(shelf.store.read(place))
    except (NotFound, ValueError):
        return None


def _key(target: Target) -> Key:
    return Key(f"USECASE#{target.use_case}", f"BASELINE#{target.release_id}")
