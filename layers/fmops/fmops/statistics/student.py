"""Student's t by the normal distribution, both ways, in closed form."""

from math import copysign, expm1, log1p, sqrt
from statistics import NormalDist

from fmops.statistics.weights import Floats

NORMAL = NormalDist()

# Far beyond any quantile; what is larger has no exponential.
_MOST = 500.0


def widened(z: float, freedom: float) -> float:
    """The normal quantile that makes a bootstrap interval as wide as Student's.

    Hesterberg (2015), "What teachers should know about the bootstrap": the expanded percentile interval. His other
    factor, for the spread of a sample that is too small by sqrt((n - 1) / n), comes with Poisson weights by itself:
    the mean of 1 / (their sum) is 1 / (n - 1) but for terms of 1 / n³. The quantile of t is that of Wallace (1959),
    "Bounds on normal approximations to Student's and the chi-square distributions"; right to 0.6 % from 8 degrees on.
    """
    scaled = z * (8 * freedom + 3) / (8 * freedom + 1)
    return copysign(sqrt(freedom * expm1(min(scaled * scaled / freedom, _MOST))), z)


def narrowed(t: float, freedom: float) -> float:
    """The inverse of `widened`."""
    return copysign((8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log1p(t * t / freedom)), t)


class StudentMean:
    """A mean by Student's t; `influence` has a value for each unit, `rows` is how many rows these come from."""

    method = "Student's t"

    def __init__(self, mean: float, influence: Floats, rows: int) -> None:
        units = len(influence)
        self.value = mean
        self._freedom = units - 1
        self._error = sqrt(units / self._freedom * float(influence @ influence)) / rows

    def low(self, tail: float) -> float:
        return self.value + widened(NORMAL.inv_cdf(tail), self._freedom) * self._error

    def high(self, tail: float) -> float:
        return self.value + widened(NORMAL.inv_cdf(1 - tail), self._freedom) * self._error

    def p_above(self, threshold: float) -> float:
        return NORMAL.cdf(narrowed((threshold - self.value) / self._error, self._freedom))

    def p_below(self, threshold: float) -> float:
        return NORMAL.cdf(narrowed((self.value - threshold) / self._error, self._freedom))
