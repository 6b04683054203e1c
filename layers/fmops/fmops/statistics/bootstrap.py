"""Bootstrap intervals of means and of paired differences, for many columns at once."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from fmops.statistics.estimates import CONFIDENCE, Interval, quantile
from fmops.statistics.student import NORMAL, narrowed, widened
from fmops.statistics.weights import Floats, Groups, Singles, resample

RESAMPLES = 10_000
SEED = 20_241_124


class Shape(NamedTuple):
    """What decides how far a bootstrap of the mean can be trusted."""

    constant: bool
    skewness: float
    carriers: float
    """How many units carry the spread: a third of them for normal scores, the toxic answers for toxicity."""
    freedom: float
    """Student's degrees of freedom: how well the spread itself is known."""

    @classmethod
    def of(cls, influence: Floats, mean: float) -> Self:
        units = len(influence)
        squares = influence**2
        spread = float(squares.sum())
        # Rounding makes a constant column's influence tiny, not zero.
        if spread <= units * (1e-12 * max(1.0, abs(mean))) ** 2:
            return cls(True, 0.0, 0.0, max(1.0, units - 1))
        carriers = spread**2 / float((squares**2).sum())
        least = 2 / max(1 / carriers - 1 / units, 2 / max(1, units - 1))
        return cls(False, float(squares @ influence) / spread**1.5 * units**0.5, carriers, least)


class BcaMean:
    """The mean of a column by the bias-corrected and accelerated bootstrap, as wide as few units demand.

    Efron (1987), "Better bootstrap confidence intervals"; for a mean the jackknife's acceleration has a closed form.
    Right to second order; where few units carry the spread, Student's t takes the normal's place.
    """

    method = "BCa bootstrap"

    def __init__(self, mean: float, deviations: Singles, influence: Floats) -> None:
        self.value = mean
        self._sorted: NDArray[np.float64] = np.sort(deviations).astype(np.float64)
        shape = Shape.of(influence, mean)
        self._constant, self._freedom = shape.constant, shape.freedom
        self._acceleration = shape.skewness / (6 * len(influence) ** 0.5)
        self._bias = NORMAL.inv_cdf(self._share(0.0))

    def low(self, tail: float) -> float:
        return self._bound(NORMAL.inv_cdf(tail))

    def high(self, tail: float) -> float:
        return self._bound(NORMAL.inv_cdf(1 - tail))

    def p_above(self, threshold: float) -> float:
        return NORMAL.cdf(self._position(threshold))

    def p_below(self, threshold: float) -> float:
        return NORMAL.cdf(-self._position(threshold))

    def _bound(self, z: float) -> float:
        if self._constant:
            return self.value
        shifted = self._bias + widened(z, self._freedom)
        scale = 1 - self._acceleration * shifted
        # Beyond the pole of the acceleration there is no end.
        probability = NORMAL.cdf(self._bias + shifted / scale) if scale > 0 else float(shifted > 0)
        return self.value + quantile(self._sorted, probability)

    def _position(self, threshold: float) -> float:
        """How many standard deviations the threshold lies above the bound that is the value itself."""
        distance = threshold - self.value
        if self._constant:
            return 0.0 if distance == 0 else (inf if distance > 0 else -inf)
        moved = NORMAL.inv_cdf(self._share(distance)) - self._bias
        scale = 1 + self._acceleration * moved
        z = moved / scale - self._bias if scale > 0 else (inf if moved > 0 else -inf)
        return z if abs(z) == inf else narrowed(z, self._freedom)

    def _share(self, distance: float) -> float:
        """The share of resamples that lie below; never none and never all, for there are only so many."""
        count = len(self._sorted)
        below = np.searchsorted(self._sorted, distance, "left") + np.searchsorted(self._sorted, distance, "right")
        half = 0.5 / count
        return min(max(float(below) / (2 * count), half), 1 - half)


def bca_means(
    columns: Floats, groups: Groups | None = None, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Sequence[BcaMean]:
    """Each column's mean. `columns` is (rows, columns), finite, with at least one row; weights as `resample`'s."""
    drawn = resample(columns, groups, resamples=resamples, seed=seed)
    return [BcaMean(float(mean), drawn.deviations[:, i], drawn.influence[:, i]) for i, mean in enumerate(drawn.means)]


def mean_intervals(
    columns: Floats,
    groups: Groups | None = None,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[Interval]:
    """The interval of each column's mean. A column whose values are all equal gets one without width."""
    tail = (1 - confidence) / 2
    return [
        Interval(found.value, found.low(tail), found.high(tail), len(columns))
        for found in bca_means(columns, groups, resamples=resamples, seed=seed)
    ]


def mean_interval(
    values: Floats, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The interval of one mean."""
    return mean_intervals(values[:, None], confidence=confidence, resamples=resamples, seed=seed)[0]


def paired_difference(
    ours: Floats, theirs: Floats, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The interval of the mean of `ours - theirs`, both over the same rows in the same order."""
    if ours.shape != theirs.shape:
        raise ValueError(f"pairs need equal lengths, got {ours.shape} and {theirs.shape}")
    return mean_interval(ours - theirs, confidence=confidence, resamples=resamples, seed=seed)
