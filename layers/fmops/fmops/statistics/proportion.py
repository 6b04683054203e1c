"""The interval of a share."""

from math import sqrt
from typing import NamedTuple

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
