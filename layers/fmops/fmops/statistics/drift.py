"""How far two distributions over the same bins lie apart, and how sure that is, however little was seen."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.statistics.student import NORMAL, widened

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], float]

GROUPS = 16
"""Records are dealt into so many groups; leaving some out shows how much chance there is in a measure."""
# Two-sided 95 % of Student's t with 15 degrees of freedom.
_T = 2.131449545559323
_SPLITS = [np.random.default_rng(seed).permutation(GROUPS) for seed in range(8)]


class Drift(NamedTuple):
    """The size of a drift beyond what chance brings, and its interval."""

    size: float
    low: float
    high: float


def jensen_shannon(window: Floats, baseline: Floats) -> float:
    """Jensen-Shannon divergence of two arrays of counts in bits: 0 for equal shares, 1 for disjoint ones.

    Lin (1991), "Divergence measures based on the Shannon entropy".
    """
    p, q = window / window.sum(), baseline / baseline.sum()
    middle = (p + q) / 2
    return float((_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2)


def difference(window: Floats, baseline: Floats) -> float:
    """How far two shares lie apart; each side has the counts of no and yes."""
    return abs(float(window[1] / window.sum() - baseline[1] / baseline.sum()))


def mean_discrepancy(window: Floats, baseline: Floats) -> float:
    """The squared maximum mean discrepancy: how far the means of random Fourier features lie apart.

    Each side has how many there were, then the sums of their features; 0 for equal distributions, at most about 2.
    Gretton et al. (2012), "A kernel two-sample test", with the features of Rahimi and Recht (2007).
    """
    apart = window[1:] / window[0] - baseline[1:] / baseline[0]
    return float(apart @ apart)


def coarsened(window: Floats, baseline: Floats, bins: int = 12) -> tuple[Floats, Floats]:
    """Both histograms on the baseline's bins: neighbours are put together until each holds about as much of it."""
    below = np.concatenate(([0.0], np.cumsum(baseline.sum(axis=0))[:-1]))
    place = np.minimum((below / below[-1] if below[-1] else below) * bins, bins - 1).astype(np.intp)
    firsts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
    return np.add.reduceat(window, firsts, axis=1), np.add.reduceat(baseline, firsts, axis=1)


def superiority(window: Floats, baseline: Floats) -> float:
    """How much oftener a value of the window is above one of the baseline than below: from -1 to 1 (Cliff's delta)."""
    p, q = window / window.sum(), baseline / baseline.sum()
    below = np.concatenate(([0.0], np.cumsum(q)[:-1]))
    return float(np.sum(p * (2 * below + q)) - 1)


def reach(tail: float) -> float:
    """Student's t that is exceeded by `tail`, for the intervals of `beyond_chance`."""
    return widened(NORMAL.inv_cdf(1 - tail), GROUPS - 1)


def beyond_chance(
    measure: Measure, window: Floats, baseline: Floats, reach: float = _T, *, dense: bool = False
) -> Drift:
    """A measure of (GROUPS, bins) counts against others, less what chance alone would bring, with an interval.

    `reach` is how many standard errors the interval extends; by default it is one of 95 %.

    Samples of one distribution lie apart too, the more so the fewer records and the more bins. How far is read off
    the samples themselves: the halves of the window differ by twice the chance of half a window, those of the
    baseline likewise, and half of both together is at least the chance in the whole ones. So drift is rather told
    too small than out of nothing. The interval is the grouped jackknife's (Efron and Tibshirani 1993, chapter 11).
    `dense` says that the measure grows with the square of a difference, as divergences of well-filled bins do: then a
    quarter of both is the chance, not half.
    ValueError where a side has other groups, or no counts in half of its groups.
    """
    if window.shape[0] != GROUPS or baseline.shape != window.shape:
        raise ValueError(f"both sides need {GROUPS} groups over the same bins, got {window.shape} and {baseline.shape}")
    all_window, all_baseline = window.sum(axis=0), baseline.sum(axis=0)
    chance = (_between_halves(measure, window) + _between_halves(measure, baseline)) / (4 if dense else 2)
    without_window = np.array([measure(all_window - group, all_baseline) for group in window])
    without_baseline = np.array([measure(all_window, all_baseline - group) for group in baseline])
    variance = sum(
        (GROUPS - 1) / GROUPS * float(np.sum((without - without.mean()) ** 2))
        for without in (without_window, without_baseline)
    )
    size, reach = measure(all_window, all_baseline) - chance, reach * variance**0.5
    return Drift(max(0.0, size), max(0.0, size - reach), max(0.0, size + reach))


def _between_halves(measure: Measure, groups: Floats) -> float:
    halves = [(groups[split[: GROUPS // 2]].sum(axis=0), groups[split[GROUPS // 2 :]].sum(axis=0)) for split in _SPLITS]
    if any(not side.sum() for pair in halves for side in pair):
        raise ValueError("too few counts: half of the groups is empty")
    return float(np.mean([measure(first, second) for first, second in halves]))


def _relative_entropy(p: Floats, q: Floats) -> float:
    inside = p > 0
    return float(np.sum(p[inside] * np.log2(p[inside] / q[inside])))
