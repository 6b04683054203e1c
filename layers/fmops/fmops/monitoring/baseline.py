"""The baseline of a release: the profile of what its model answered in its evaluation."""

from collections.abc import Iterable, Iterator

from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound
from fmops.monitoring.models import Target
from fmops.monitoring.profile.batches import RECORDS, Tally, batched
from fmops.monitoring.profile.model import Profile, pack, unpack
from fmops.monitoring.profile.observer import Observer
from fmops.monitoring.reading.records import Record
from fmops.text.lexicon import Lexicon

_NAMED = 500
"""So many of the baseline's answers are read again to give its frequent words their names."""


def baseline(store: Store, bucket: str, target: Target, lexicon: Lexicon) -> Profile:
    """Made once a release, then read."""
    place = _place(bucket, target)
    try:
        return unpack(store.read(place))
    except (NotFound, ValueError):
        # Not made yet, or by another version of this code.
        made = profile(_rows(store, target), lexicon)
        store.write(place, pack(made))
        return made


def profile(records: Iterable[Record], lexicon: Lexicon | None) -> Profile:
    """The profile of these records, each of which counts; costly features of all where there is a lexicon."""
    observer, tally = Observer(lexicon=lexicon), Tally()
    held: list[Record] = []
    for record in records:
        held.append(record)
        if len(held) == RECORDS:
            _add(observer, tally, held)
            held = []
    _add(observer, tally, held)
    return observer.profile


def texts(store: Store, target: Target) -> list[str]:
    """Some of its prompts and answers."""
    found: list[str] = []
    for record in _rows(store, target):
        found += [record.prompt or "", record.answer or ""]
        if len(found) >= 2 * _NAMED:
            break
    return found


def _add(observer: Observer, tally: Tally, held: list[Record]) -> None:
    for batch in batched(held, tally):
        observer.add(batch)


def _rows(store: Store, target: Target) -> Iterator[Record]:
    for row in store.read_json_lines(location(target.answers_uri)):
        if row["answer"] is not None:
            yield Record(str(row["id"]), row["prompt"], row["answer"])


def _place(bucket: str, target: Target) -> Location:
    return Location(bucket, f"monitoring/{target.use_case}/baselines/{target.release_id}.npz")
