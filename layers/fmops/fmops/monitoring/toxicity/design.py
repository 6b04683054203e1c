"""Which answers the slow look takes, and what it says of how many: rules without I/O; light, without numpy."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Literal

from fmops.core.models import Ours
from fmops.monitoring.sampled import STRATA, Sampled

ALL = "all"
LANGUAGE, GROUP = "language:", "group:"
COUNT = len(STRATA) + 1
LEAST = 10
"""So many of each stratum are taken where there are so many: else its share would be a guess."""
_EXPECTED = (0.005, 0.05, 0.3, 0.7)
"""Toxic shares of the strata as one expects them: they say where a sample is worth most, not what is found."""

Why = Literal["first", "daily", "moved", "toxic", "failed"]
"""Why a sample is scored: none was yet; the last one is old; the fast score has risen since; the last one was above
the limit; the last one could not be scored."""


class Strata(Ours):
    """How many answers there are, by stratum of their fast score."""

    answers: int = 0
    """With a word in them."""
    domains: dict[str, list[int]] = {}
    """Of all that have a fast score (`all`), by language (`language:de`) and by the group that the prompt speaks of
    (`group:women`): how many in each stratum."""

    @property
    def sizes(self) -> list[int]:
        return self.domains.get(ALL, [0] * COUNT)

    @property
    def scored(self) -> int:
        return sum(self.sizes)


def together(parts: Iterable[Strata]) -> Strata:
    """The strata of several windows or batches."""
    answers, domains = 0, dict[str, list[int]]()
    for part in parts:
        answers += part.answers
        for name, sizes in part.domains.items():
            held = domains.setdefault(name, [0] * COUNT)
            domains[name] = [one + more for one, more in zip(held, sizes, strict=True)]
    return Strata(answers=answers, domains=domains)


class Drawn(Ours):
    """An answer of the sample, without its text."""

    id: str
    stratum: int
    domains: list[str]


class Design(Ours):
    """A sample and what it stands for."""

    why: Why
    windows: list[str]
    """Whose answers it is of."""
    strata: Strata
    drawn: list[Drawn]


def draw(rows: Sequence[Sampled], strata: Strata, size: int) -> list[Sampled]:
    """The sample: of each stratum those that come first in the random order, so many as `allocate` says."""
    scored = [row for row in sorted(rows, key=lambda one: (one.order, one.id)) if row.toxicity is not None]
    there = Counter(row.stratum for row in scored)
    wanted = allocate([min(strata.sizes[number], there[number]) for number in range(COUNT)], strata.sizes, size)
    taken, kept = Counter[int](), list[Sampled]()
    for row in scored:
        if taken[row.stratum] < wanted[row.stratum]:
            taken[row.stratum] += 1
            kept.append(row)
    return kept


def drawn(row: Sampled) -> Drawn:
    domains = [LANGUAGE + row.language, *(GROUP + name for name in row.groups)]
    return Drawn(id=row.id, stratum=row.stratum, domains=domains)


def allocate(there: Sequence[int], sizes: Sequence[int], size: int) -> list[int]:
    """How many of each stratum to take: LEAST of each first, the rest as Neyman (1934) deals it.

    That is in proportion to size times standard deviation, so that the estimate's variance is least. Never more than
    are `there`, and together never more than `size`.
    """
    given = [0] * len(there)
    # The fewest first: what is seldom toxic by the fast score can spare most.
    for number in reversed(range(len(there))):
        given[number] = min(LEAST, there[number], size - sum(given))
    weights = [many * (share * (1 - share)) ** 0.5 for many, share in zip(sizes, _EXPECTED, strict=True)]
    while (left := size - sum(given)) > 0:
        open_ = [number for number in range(len(there)) if given[number] < there[number] and weights[number] > 0]
        if not open_:
            break
        whole = sum(weights[number] for number in open_)
        for number in open_:
            # At least one, so that it ends; what remains of the rounding goes by the next turns.
            more = max(1, floor(left * weights[number] / whole))
            given[number] += min(more, there[number] - given[number], size - sum(given))
    return given


def sampled(design: Design, scores: Mapping[str, float | None]) -> list[Drawn]:
    """Those of the sample that could be scored."""
    return [row for row in design.drawn if scores.get(row.id) is not None]
