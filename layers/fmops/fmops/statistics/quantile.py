"""How sure a quantile is, as the latency that 95 of 100 answers keep."""

from collections.abc import Callable
from math import inf

import numpy as np

from fmops.statistics.proportion import binomial_tail
from fmops.statistics.weights import Floats


class Quantile:
    """A quantile between the order statistics that enclose it, whatever the distribution.

    A bound is infinite where so few items cannot tell: the upper one of the 95th percentile needs 72 at 97.5 %.
    David and Nagaraja (2003), "Order statistics", section 7.1.
    """

    method = "order statistics"

    def __init__(self, values: Floats, share: float) -> None:
        if not len(values):
            raise ValueError("no values have no quantile")
        self._sorted, self._share = np.sort(values), share
        self.value = float(np.quantile(self._sorted, share))

    def low(self, tail: float) -> float:
        # The truth lies below the k-th value if less than k of them lie below it.
        place = self._last(lambda k: 1 - binomial_tail(k, self._n, self._share) <= tail)
        return float(self._sorted[place - 1]) if place else -inf

    def high(self, tail: float) -> float:
        place = self._last(lambda k: binomial_tail(k, self._n, self._share) > tail) + 1
        return float(self._sorted[place - 1]) if place <= self._n else inf

    def p_above(self, threshold: float) -> float:
        below = int(np.searchsorted(self._sorted, threshold, "right"))
        return 1 - binomial_tail(below + 1, self._n, self._share)

    def p_below(self, threshold: float) -> float:
        return binomial_tail(int(np.searchsorted(self._sorted, threshold, "left")), self._n, self._share)

    @property
    def _n(self) -> int:
        return len(self._sorted)

    def _last(self, holds: Callable[[int], bool]) -> int:
        """The last place for which it holds; it holds up to there, and nowhere beyond."""
        low, high = 0, self._n
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if holds(middle) else (low, middle - 1)
        return low
