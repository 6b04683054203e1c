"""How sure a judge's own accuracy is. Apart from the rules, for it needs numpy."""

from typing import NamedTuple

from fmops.statistics.choosing import FEWEST
from fmops.statistics.estimates import TAIL
from fmops.statistics.proportion import ExactShare


class Bounds(NamedTuple):
    low: float | None
    high: float | None


def exact(right: int, n: int) -> Bounds:
    """The exact interval of a share at 95 %; None where so few say nothing."""
    if n < FEWEST:
        return Bounds(None, None)
    share = ExactShare(right, n)
    return Bounds(share.low(TAIL), share.high(TAIL))
