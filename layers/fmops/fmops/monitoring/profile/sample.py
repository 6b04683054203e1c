"""A sample of answers for the slower look, stratified by the fast toxicity score: the same whatever the sharding."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from fmops.monitoring.profile.batches import Batch
from fmops.monitoring.sampled import STRATA, UNSCORED, Sampled, first_of
from fmops.text.markers import LANGUAGES
from fmops.text.scan import Places

LONGEST = 20_000


class Sample:
    """Of each stratum the `size` exchanges that come first in the random order."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: dict[int, list[Sampled]] = {}
        self._last: dict[int, np.uint64] = {}

    def add(self, batch: Batch, toxicity: NDArray[np.float64] | None, languages: Places | None) -> None:
        """Look at a batch; few of a long stream are kept."""
        if not self._size:
            return
        scores = np.full(len(batch.records), np.nan) if toxicity is None else toxicity
        strata = np.where(np.isnan(scores), UNSCORED, np.searchsorted(STRATA, scores, side="right"))
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
                        toxicity=None if np.isnan(scores[place]) else round(float(scores[place]), 6),
                        language=LANGUAGES[0 if languages is None else int(languages[place])],
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
