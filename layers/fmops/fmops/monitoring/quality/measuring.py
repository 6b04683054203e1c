"""Joins a window's captured answers with the truths that came since, and scores them. Talks to S3 and the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound
from fmops.core.ids import short_hash
from fmops.core.ledger import Ledger
from fmops.monitoring import records
from fmops.monitoring.models import Target, WatchPlaces, Window, WindowTask
from fmops.monitoring.profile.batches import Tally, batches
from fmops.monitoring.profiling import Quarantine
from fmops.monitoring.quality.judging import judge_quality
from fmops.monitoring.quality.models import Quality
from fmops.monitoring.quality.scoring import SCORERS, score
from fmops.monitoring.quality.truths import Truths
from fmops.monitoring.reading import files, objects
from fmops.monitoring.reading.records import reading
from fmops.usecases.models import UseCase
from fmops.usecases.store import load

MOST = 20_000
"""So many answers are scored, those with the smallest hashes of their event ids: a random sample, always the same."""


class TruthDesk(NamedTuple):
    """What the measuring needs."""

    ledger: Ledger
    store: Store
    artifacts: str
    datasets: str
    """The bucket that people write to: truths lie below `truth/<use case>/yyyy/mm/dd/hh/`, as Model Monitor wants."""


class Matched(NamedTuple):
    """A captured answer, and what it should have been."""

    event_id: str
    answer: str
    truth: str


def measure_quality(desk: TruthDesk, task: WindowTask) -> Quality | None:
    """The quality of the window whose truths may be no longer late when the task's ends.

    None where there is no such window: the use case wants none, or the release did not serve it.
    """
    use_case = load(desk.ledger, task.use_case)
    rule, target = use_case.monitoring.truth, records.target(desk.ledger, task.use_case)
    if rule is None:
        return None
    window = settled(task.window, rule.hours)
    record = desk.ledger.get(records.key(task.use_case, window.name))
    if record is None or record.get("release_id") != target.release_id:
        return None
    truths = _truths(desk, task, window)
    matched, captured = _matched(desk, use_case, target, window, truths)
    seen = Quality(
        window=window.name,
        verdict="INSUFFICIENT_DATA",
        captured=captured,
        matched=len(matched),
        truths=len(truths.known),
        corrected=len(truths.corrected),
        unreadable=truths.unreadable,
    )
    names = [one.name for one in use_case.metrics if one.name in SCORERS]
    chosen = sorted(matched, key=lambda one: short_hash(one.event_id, length=16))[:MOST]
    scores = {name: _present(score(name, one.answer, one.truth) for one in chosen) for name in names}
    return judge_quality(seen, scores, _evaluated(desk.store, target, names), use_case.monitoring)


def settled(window: Window, hours: int) -> Window:
    """The window so many hours before, or a little more: windows lie end to end."""
    back = -(-hours // window.hours) * window.hours
    return Window(start=window.start - timedelta(hours=back), hours=window.hours)


def _truths(desk: TruthDesk, task: WindowTask, since: Window) -> Truths:
    """All that were collected from the window's begin to the task's end, by the hours in their paths."""
    quarantine = Quarantine()
    truths = Truths(lambda line: quarantine(line, ""))
    root = Location(desk.datasets, f"truth/{task.use_case}/")
    end = task.window.end
    day = since.start.replace(hour=0)
    while day < end:
        for item in sorted(desk.store.keys(root.child(f"{day:%Y/%m/%d}/")), key=lambda one: str(one["Key"])):
            key = str(item["Key"])
            hour = key.removeprefix(root.key)[:13]
            if f"{since.start:%Y/%m/%d/%H}" <= hour < f"{end:%Y/%m/%d/%H}":
                for some in files.lines(desk.store.open_pinned(Location(desk.datasets, key)).body):
                    truths.add(some)
        day += timedelta(days=1)
    if quarantine.lines:
        places = WatchPlaces(desk.artifacts, task.use_case, task.window.name)
        desk.store.write(places.quarantine.child("truths.txt"), b"\n".join(quarantine.lines) + b"\n", "text/plain")
    return truths


def _matched(
    desk: TruthDesk, use_case: UseCase, target: Target, window: Window, truths: Truths
) -> tuple[list[Matched], int]:
    """Answers with their truths, and how many answers there are."""
    how = reading(use_case, target.model_id, lambda uri: objects.body(desk.store, uri))
    found: dict[str, Matched] = {}
    captured = 0
    for batch in batches(_lines(desk, use_case, window), how, Tally()):
        for record in batch.records:
            if record.answer is None or record.error:
                continue
            captured += 1
            # Where a caller gave an id, that is what truths name; as Model Monitor has it.
            name = record.inference_id or record.event_id
            truth = truths.known.get(name)
            # An id that was used twice is one answer's: whose event id comes first.
            if truth is not None and (name not in found or record.event_id < found[name].event_id):
                found[name] = Matched(record.event_id, record.answer, truth)
    return list(found.values()), captured


def _lines(desk: TruthDesk, use_case: UseCase, window: Window) -> Iterator[bytes]:
    """Of the objects that were planned for the window."""
    for one in objects.planned(desk.store, WatchPlaces(desk.artifacts, use_case.name, window.name).plan):
        try:
            yield from objects.lines(desk.store, one)
        except NotFound:
            # Capture expires; what is left of the window counts.
            continue


def _evaluated(store: Store, target: Target, names: list[str]) -> dict[str, list[float]]:
    """The evaluation's scores of the release, by metric."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in store.read_json_lines(location(target.scores_uri)):
        for name in names:
            if row.get(name) is not None:
                found[name].append(float(row[name]))
    return found


def _present(scores: Iterator[float | None]) -> list[float]:
    return [score for score in scores if score is not None]
