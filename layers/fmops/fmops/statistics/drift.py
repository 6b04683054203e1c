"""How far two distributions over the same bins lie apart, with an interval that knows how little was seen."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], float]

GROUPS = 16
"""Records are dealt into so many groups; leaving one out at a time shows how much chance there is in a measure."""
# Two-sided 95 % of Student's t with 15 degrees of freedom.
_T = 2.131449545559323


class Drift(NamedTuple):
    """The size of a drift, freed of the bias that few records bring, and its 95 % interval."""

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


def grouped_jackknife(measure: Measure, window: Floats, baseline: Floats) -> Drift:
    """A measure of (GROUPS, bins) counts against others, with a bias correction and a 95 % interval.

    Each group of each side is left out once; what that changes gives bias and variance of the side, and the two sides
    are independent. Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 11.
    """
    if window.shape[0] != GROUPS or baseline.shape != window.shape:
        raise ValueError(f"both sides need {GROUPS} groups over the same bins, got {window.shape} and {baseline.shape}")
    all_window, all_baseline = window.sum(axis=0), baseline.sum(axis=0)
    whole = measure(all_window, all_baseline)
    without_window = np.array([measure(all_window - group, all_baseline) for group in window])
    without_baseline = np.array([measure(all_window, all_baseline - group) for group in baseline])
    bias = variance = 0.0
    for without in (without_window, without_baseline):
        bias += (GROUPS - 1) * (float(without.mean()) - whole)
        variance += (GROUPS - 1) / GROUPS * float(np.sum((without - without.mean()) ** 2))
    size = whole - bias
    reach = _T * variance**0.5
    return Drift(max(0.0, size), max(0.0, size - reach), max(0.0, size + reach))


def _relative_entropy(p: Floats, q: Floats) -> float:
    inside = p > 0
    return float(np.sum(p[inside] * np.log2(p[inside] / q[inside])))
