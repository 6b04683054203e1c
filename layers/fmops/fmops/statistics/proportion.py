"""How sure a share is."""

from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Two-sided 95 % of the normal distribution.
_Z = 1.959963984540054


class Share(NamedTuple):
    """A share of `n`, and between what bounds it lies at 95 % confidence."""

    value: float
    low: float
    high: float
    n: int


def wilson(successes: int, n: int) -> Share:
    """The score interval of `successes` of `n`. ValueError for n = 0: no data is no share.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no share")
    share = successes / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # At the ends rounding leaves a bound a hair off 0 or 1.
    low, high = middle - reach, middle + reach
    return Share(share, 0.0 if successes == 0 else low, 1.0 if successes == n else high, n)


class ExactShare:
    """A share whose claims err no more often than they say, whatever the share and however few the items.

    Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial".
    """

    method = "exact binomial interval (Clopper-Pearson)"

    def __init__(self, successes: int, n: int) -> None:
        if not 0 <= successes <= n or n == 0:
            raise ValueError(f"{successes} of {n} is no share")
        self._successes, self._n = successes, n
        self.value = successes / n

    def low(self, tail: float) -> float:
        return _rises_to(tail, self._successes, self._n)

    def high(self, tail: float) -> float:
        return 1 - _rises_to(tail, self._n - self._successes, self._n)

    def p_above(self, threshold: float) -> float:
        return binomial_tail(self._successes, self._n, min(max(threshold, 0.0), 1.0))

    def p_below(self, threshold: float) -> float:
        return binomial_tail(self._n - self._successes, self._n, 1 - min(max(threshold, 0.0), 1.0))


def binomial_tail(least: int, n: int, share: float) -> float:
    """The probability of at least so many of `n`, each with the probability `share`."""
    if least <= 0:
        return 1.0
    if least > n or share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    k = np.arange(n + 1)
    terms = np.exp(_log_choose(n) + k * np.log(share) + (n - k) * np.log1p(-share))
    # The smaller side is summed, so that a small probability keeps its digits.
    return float(terms[least:].sum()) if least > n * share else float(1 - terms[:least].sum())


@lru_cache(maxsize=8)
def _log_choose(n: int) -> NDArray[np.float64]:
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    found: NDArray[np.float64] = factorials[n] - factorials - factorials[::-1]
    return found


def _rises_to(tail: float, least: int, n: int) -> float:
    """The share with which at least so many of `n` come with the probability `tail`."""
    if least == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(34):
        middle = (low + high) / 2
        low, high = (middle, high) if binomial_tail(least, n, middle) < tail else (low, middle)
    return low
