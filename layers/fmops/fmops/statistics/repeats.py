"""How many of a stream's events are copies, by a small sample of them that merges exactly."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]

KEPT = 4096
_PENDING = 4 * KEPT


class Repeats(NamedTuple):
    """The KEPT different events with the smallest hashes, and how often each was seen.

    An event that is in it at the end was so wherever it was met, so its count is exact, whatever the sharding.
    """

    hashes: Hashes
    """Ascending."""
    counts: Counts


NOTHING = Repeats(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def together(parts: Iterable[Repeats]) -> Repeats:
    """The sample of all that these samples are of."""
    found = list(parts)
    hashes, places = np.unique(np.concatenate([NOTHING.hashes, *(part.hashes for part in found)]), return_inverse=True)
    counts = np.concatenate([NOTHING.counts, *(part.counts for part in found)])
    summed = np.zeros(len(hashes), np.int64)
    np.add.at(summed, places, counts)
    return Repeats(hashes[:KEPT], summed[:KEPT])


def different(found: Repeats, seen: int) -> float:
    """How many different events there were among `seen`.

    Exact where there are fewer than KEPT, and where none is a copy. Else `seen` by how often an event of the sample
    was seen on average: each is as likely to be in it (bottom-k sampling: Cohen and Kaplan 2007). Where events come
    at most twice, the standard error is 0.55 % at most: √(p(1 - p)) / ((1 + p)√KEPT) for a share p that comes twice.
    """
    if len(found.hashes) < KEPT:
        return float(len(found.hashes))
    return seen * len(found.hashes) / float(found.counts.sum())


class Watch:
    """Collects the sample of a stream."""

    def __init__(self) -> None:
        self._found = NOTHING
        self._pending: list[Hashes] = []
        self._waiting = 0

    def add(self, hashes: Hashes) -> None:
        """See these events; the same one may come again."""
        if len(self._found.hashes) == KEPT:
            hashes = hashes[hashes <= self._found.hashes[-1]]
        if len(hashes):
            self._pending.append(hashes)
            self._waiting += len(hashes)
            if self._waiting > _PENDING:
                self._settle()

    @property
    def found(self) -> Repeats:
        self._settle()
        return self._found

    def _settle(self) -> None:
        if self._pending:
            met = np.concatenate(self._pending)
            self._found = together((self._found, Repeats(met, np.ones(len(met), np.int64))))
            self._pending, self._waiting = [], 0
