"""One answer of the sample that is looked at more slowly; light, for functions without numpy."""

from collections.abc import Iterable, Iterator

from fmops.core.models import Ours

STRATA = (0.1, 0.3, 0.6)
"""Borders of the fast toxicity score between which answers are sampled apart; they are borders of its bins too."""
UNSCORED = len(STRATA) + 1


class Sampled(Ours):
    """An exchange with its place in a random order that depends on its event alone."""

    order: str
    id: str
    input: str
    answer: str
    toxicity: float | None = None
    """The fast score; None where it was not computed."""
    language: str = "und"
    groups: list[str] = []
    """Of people that the prompt speaks of, and its dialect: `text.people.GROUPS`."""
    tenant: str = ""

    @property
    def stratum(self) -> int:
        """From 0; answers without a score are a stratum of their own."""
        return UNSCORED if self.toxicity is None else stratum(self.toxicity)


def stratum(toxicity: float) -> int:
    """The number of the stratum, from 0."""
    return sum(toxicity >= border for border in STRATA)


def first_of(rows: Iterable[Sampled], size: int) -> list[Sampled]:
    """Of each stratum the first `size` rows; so samples of batches merge."""
    held: dict[int, int] = {}
    kept: list[Sampled] = []
    for row in _different(sorted(rows, key=lambda one: (one.order, one.id))):
        held[row.stratum] = held.get(row.stratum, 0) + 1
        if held[row.stratum] <= size:
            kept.append(row)
    return kept


def _different(rows: Iterable[Sampled]) -> Iterator[Sampled]:
    """Without an event's copies from other batches or windows, which stand side by side."""
    last = None
    for row in rows:
        if (row.order, row.id) != last:
            yield row
        last = row.order, row.id
