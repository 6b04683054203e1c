"""Readable records, column by column: each event once, some hundred at a time."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from fmops.core.ids import GOLDEN_INFERENCE_ID
from fmops.monitoring.reading.records import Reading, Record, Unreadable, read
from fmops.text.scan import Hashes, hashes_of

RECORDS = 768
TEXT = 1 << 19
"""A batch has at most so many records, and about so many characters."""
_REMEMBERED = 1 << 22
"""Of so many records the events are remembered: a copy of one of them is known."""
LONGEST = 1 << 17
"""What lies behind so many characters of a text is not looked at."""


class Batch(NamedTuple):
    """Columns of some records."""

    hashes: Hashes
    """Of the event ids."""
    records: list[Record]
    seen: Hashes
    """Of all event ids, copies included; there may be copies alone."""


class Tally:
    """Counts what does not come out as a record."""

    def __init__(self, quarantine: Callable[[bytes, str], None] | None = None) -> None:
        """`quarantine` is given each unreadable line, and why."""
        self.unreadable = self.ours = 0
        self._quarantine = quarantine
        self._remembered: list[Hashes] = []

    def refuse(self, line: bytes, why: str) -> None:
        self.unreadable += 1
        if self._quarantine:
            self._quarantine(line, why)

    def new(self, hashes: Hashes) -> list[int]:
        """The places of those that were not there before."""
        _, firsts = np.unique(hashes, return_index=True)
        known = np.zeros(len(hashes), np.bool_)
        for chunk in self._remembered:
            places = np.searchsorted(chunk, hashes)
            known |= chunk[np.minimum(places, len(chunk) - 1)] == hashes
        first = np.zeros(len(hashes), np.bool_)
        first[firsts] = True
        fresh = np.flatnonzero(first & ~known)
        self._remember(np.sort(hashes[fresh]))
        return [int(place) for place in fresh]

    def _remember(self, hashes: Hashes) -> None:
        """Chunks of doubling size, so that few are searched."""
        if not len(hashes):
            return
        chunks = self._remembered
        chunks.append(hashes)
        while len(chunks) > 1 and len(chunks[-1]) * 2 > len(chunks[-2]):
            merged = np.concatenate((chunks.pop(), chunks.pop()))
            merged.sort()
            chunks.append(merged)
        if len(chunks[0]) > _REMEMBERED:
            chunks.pop(0)


def batches(lines: Iterable[bytes], how: Reading, tally: Tally) -> Iterator[Batch]:
    """The records of these lines; what can't be used goes to the tally. A release's golden prompts are no traffic."""
    held: list[Record] = []
    size = 0
    for line in lines:
        if not line or line.isspace():
            continue
        try:
            found = read(line, how)
        except Unreadable as error:
            tally.refuse(line, str(error))
            continue
        for record in found:
            if record.inference_id.startswith(GOLDEN_INFERENCE_ID):
                tally.ours += 1
                continue
            held.append(record)
            size += len(record.prompt or "") + len(record.answer or "")
        if len(held) >= RECORDS or size > TEXT:
            yield from batched(held, tally)
            held, size = [], 0
    yield from batched(held, tally)


def batched(records: list[Record], tally: Tally) -> Iterator[Batch]:
    """A batch of these records without those that were there before."""
    if not records:
        return
    seen = hashes_of([record.event_id for record in records])
    fresh = tally.new(seen)
    if len(fresh) == len(records):
        yield Batch(seen, records, seen)
    else:
        yield Batch(seen[fresh], [records[place] for place in fresh], seen)
