"""A sample of answers for the slower look, stratified by the fast toxicity score: the same whatever the sharding."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.monitoring.profile.batches import Batch
from fmops.monitoring.sampled import STRATA, UNSCORED, Sampled, first_of
from fmops.text import people
from fmops.text.markers import LANGUAGES
from fmops.text.scan import Places

LONGEST = 20_000


class Looks(NamedTuple):
    """What the costly features say of each record of a batch."""

    toxicity: NDArray[np.float64]
    """Of its answer; NaN where it was not computed."""
    languages: Places
    groups: NDArray[np.bool_]
    """(records, people.GROUPS)"""

    @property
    def strata(self) -> Places:
        found = np.searchsorted(STRATA, self.toxicity, side="right")
        return np.where(np.isnan(self.toxicity), UNSCORED, found)


def nothing_seen(records: int) -> Looks:
    return Looks(
        np.full(records, np.nan), np.zeros(records, np.int64), np.zeros((records, len(people.GROUPS)), np.bool_)
    )


class Sample:
    """Of each stratum the `size` exchanges that come first in the random order."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: dict[int, list[Sampled]] = {}
        self._last: dict[int, np.uint64] = {}

    def add(self, batch: Batch, looks: Looks | None) -> None:
        """Look at a batch; few of a long stream are kept."""
        if not self._size:
            return
        seen = nothing_seen(len(batch.records)) if looks is None else looks
        strata = seen.strata
        for number in np.unique(strata).tolist():
            wanted = strata == number
            if number in self._last:
                wanted &= batch.hashes < self._last[number]
            for place in np.flatnonzero(wanted).tolist():
                record = batch.records[place]
                if record.answer is None or not record.answer.strip():
                    continue
                self._keep(
                    number,
                    Sampled(
                        order=f"{int(batch.hashes[place]):016x}",
                        id=record.event_id,
                        input=(record.prompt or "")[:LONGEST],
                        answer=record.answer[:LONGEST],
                        toxicity=None if number == UNSCORED else float(seen.toxicity[place]),
                        language=LANGUAGES[int(seen.languages[place])],
                        groups=people.named(seen.groups[place]),
                        tenant=record.tenant,
                    ),
                )

    def _keep(self, number: int, row: Sampled) -> None:
        rows = self._rows.setdefault(number, [])
        rows.append(row)
        if len(rows) >= 2 * self._size:
            rows.sort(key=lambda one: one.order)
            del rows[self._size :]
            self._last[number] = np.uint64(int(rows[-1].order, 16))

    @property
    def rows(self) -> list[Sampled]:
        """What was kept, in the random order."""
        return first_of(self._rows_of_all(), self._size)

    def _rows_of_all(self) -> Iterable[Sampled]:
        return (row for rows in self._rows.values() for row in rows)
