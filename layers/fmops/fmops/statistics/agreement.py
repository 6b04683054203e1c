"""How far people agree who judged the same things."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple


class Agreement(NamedTuple):
    """How far those agree who judged the same units."""

    alpha: float | None
    """Krippendorff's: 1 is agreement, 0 is chance, below is less than chance. None where it has no value."""
    share: float | None
    """Of the pairs of judgements on one unit, how many are the same. None where no unit has two."""
    units: int
    """That have at least two judgements."""
    judgements: int
    """On these units."""


def agreement(units: Iterable[Sequence[Hashable]]) -> Agreement:
    """The agreement over units, each with the categories that its judges gave; a unit may lack any judge's.

    Krippendorff's alpha for nominal categories, any number of judges, missing judgements: a unit of m judgements adds
    each of its m (m - 1) ordered pairs with the weight 1 / (m - 1); alpha = 1 - D_o / D_e, where D_o is the share of
    unlike pairs and D_e that of unlike pairs when all judgements are paired at random, without replacement.
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability". It has no value where every judgement is the
    same: nothing shows then that the judges could have told units apart.
    """
    pairable = [unit for unit in units if len(unit) > 1]
    counts = [Counter(unit) for unit in pairable]
    n = sum(len(unit) for unit in pairable)
    if not pairable:
        return Agreement(None, None, 0, 0)
    unlike = sum(_unlike(count) / (len(unit) - 1) for count, unit in zip(counts, pairable, strict=True))
    alike_pairs = sum(sum(size * (size - 1) for size in count.values()) for count in counts)
    pairs = sum(len(unit) * (len(unit) - 1) for unit in pairable)
    by_chance = _unlike(sum(counts, Counter()))
    alpha = 1 - (n - 1) * unlike / by_chance if by_chance else None
    return Agreement(alpha, alike_pairs / pairs, len(pairable), n)


def _unlike(count: Counter[Hashable]) -> int:
    """Ordered pairs of two judgements of different categories."""
    total = sum(count.values())
    return total * total - sum(size * size for size in count.values())
