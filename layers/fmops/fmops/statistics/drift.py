"""How far two samples lie apart, and how far chance alone would have brought them, however little was seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.statistics.fisher import exceeded

Floats = NDArray[np.float64]

GROUPS = 16
"""Records are dealt into so many groups; how much these differ shows how much chance there is in a measure."""
_FREEDOM = GROUPS - 1
# Two-sided 95 % of Student's t with 15 degrees of freedom.
_T = 2.131449545559323
_LN2 = float(np.log(2))


class Doubt(NamedTuple):
    """How often a feature may seem to drift by chance."""

    twice: float
    """In two windows in a row, the same feature of all."""
    features: int = 1

    def tail(self, common: float) -> float:
        """In one window, where `common` is the part of the variance that both windows share: the baseline's.

        Two windows with nothing in common are both wrong as often as the square of one; with all in common as often
        as one. Between the two the joint tail of two normal values with this correlation falls with the power of
        2 / (1 + common).
        """
        return float((self.twice / self.features) ** ((1 + common) / 2))


class Drift(NamedTuple):
    """The size of a drift beyond what chance brings on average, and its interval of 95 %."""

    size: float
    low: float
    high: float
    chance: float
    """A size that chance alone exceeds only as often as was allowed."""


def jensen_shannon(window: Floats, baseline: Floats) -> float:
    """Jensen-Shannon divergence of two arrays of counts in bits: 0 for equal shares, 1 for disjoint ones.

    Lin (1991), "Divergence measures based on the Shannon entropy".
    """
    p, q = window / window.sum(), baseline / baseline.sum()
    middle = (p + q) / 2
    return float((_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2)


def coarsened(window: Floats, baseline: Floats, bins: int = 12) -> tuple[Floats, Floats]:
    """Both histograms on the baseline's bins: neighbours are put together until each holds about as much of it."""
    below = np.concatenate(([0.0], np.cumsum(baseline.sum(axis=0))[:-1]))
    place = np.minimum((below / below[-1] if below[-1] else below) * bins, bins - 1).astype(np.intp)
    firsts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
    return np.add.reduceat(window, firsts, axis=1), np.add.reduceat(baseline, firsts, axis=1)


def gathered(window: Floats, baseline: Floats, least: float = 5) -> tuple[Floats, Floats]:
    """Both sides' counts of labels, those put together of which the smaller side would hold less than `least`.

    What a small baseline has never seen is not new for that.
    """
    few = min(window.sum(), baseline.sum()) * (_shares(window) + _shares(baseline)) / 2 < least
    if not few.any():
        return window, baseline

    def put(side: Floats) -> Floats:
        return np.column_stack([side[:, ~few], side[:, few].sum(axis=1)])

    return put(window), put(baseline)


def superiority(window: Floats, baseline: Floats) -> float:
    """How much oftener a value of the window is above one of the baseline than below: from -1 to 1 (Cliff's delta)."""
    p, q = window / window.sum(), baseline / baseline.sum()
    below = np.concatenate(([0.0], np.cumsum(q)[:-1]))
    return float(np.sum(p * (2 * below + q)) - 1)


def divergence(window: Floats, baseline: Floats, doubt: Doubt) -> Drift:
    """The Jensen-Shannon divergence in bits of (GROUPS, bins) counts against others.

    Near 0 it is a quadratic form of the shares' differences, each weighted by one over its share: so `_quadratic`
    says how much of it is chance, also where words of one text come together. ValueError as of `discrepancy`.
    """
    p, q = _shares(window), _shares(baseline)
    # What neither side has says nothing.
    weights = 1 / np.sqrt(4 * _LN2 * np.where(p + q > 0, p + q, np.inf))
    own, others = _influence(window, p) * weights, _influence(baseline, q) * weights
    bins = int(np.count_nonzero(p + q))
    # Independent records vary so much at least; that a rare bin is empty in all groups does not make it sure.
    least = (bins - 1) / (8 * _LN2) * (1 / window.sum() + 1 / baseline.sum())
    found = _quadratic((p - q) * weights, own, others, doubt, dimensions=bins - 1, least=float(least))
    measured = jensen_shannon(window.sum(axis=0), baseline.sum(axis=0))
    # Far from 0 the divergence is up to 1.4 times the form.
    factor = measured / found.value if found.value else 1.0
    return found.drift(factor)


def discrepancy(window: Floats, baseline: Floats, doubt: Doubt) -> Drift:
    """The squared maximum mean discrepancy: how far the means of random Fourier features lie apart.

    Each of the GROUPS rows has how many there were, then the sums of their features. 0 for equal distributions, at
    most about 2. Gretton et al. (2012), "A kernel two-sample test", with the features of Rahimi and Recht (2007).
    ValueError where a side has other groups, or nothing.
    """
    ours, theirs = _means(window), _means(baseline)
    own = (window[:, 1:] - window[:, :1] * ours) / window[:, 0].sum()
    others = (baseline[:, 1:] - baseline[:, :1] * theirs) / baseline[:, 0].sum()
    return _quadratic(ours - theirs, own, others, doubt, dimensions=len(ours)).drift(1.0)


def difference(window: Floats, baseline: Floats, doubt: Doubt) -> Drift:
    """How far two shares lie apart; each of the GROUPS rows has the counts of no and yes. ValueError as above.

    The variance is the groups', but never less than that of independent records: where nothing was seen of something
    rare there is doubt all the same.
    """
    ours, theirs = _shares(window)[1:], _shares(baseline)[1:]
    n, m = window.sum(), baseline.sum()
    common = (window[:, 1].sum() + baseline[:, 1].sum() + 1) / (n + m + 2)
    least = float(common * (1 - common) * (1 / n + 1 / m))
    own, others = _influence(window, ours), _influence(baseline, theirs)
    found = _quadratic(ours - theirs, own, others, doubt, dimensions=1, least=least)
    apart = sum(_variance(side) for side in (window, baseline))
    size, error = abs(float(ours[0] - theirs[0])), _T * apart**0.5
    return Drift(size, max(0.0, size - error), min(1.0, size + error), found.critical**0.5)


class _Quadratic(NamedTuple):
    """A squared distance of two means, and what is known of its chance."""

    value: float
    chance: float
    """What it is on average without drift."""
    error: float
    """Its standard error as it is."""
    critical: float
    """Exceeded without drift as often as was allowed."""

    def drift(self, factor: float) -> Drift:
        size, error = self.value - self.chance, _T * self.error
        return Drift(
            max(0.0, size) * factor,
            max(0.0, size - error) * factor,
            max(0.0, size + error) * factor,
            (self.critical - self.chance) * factor,
        )


def _quadratic(
    apart: Floats, own: Floats, others: Floats, doubt: Doubt, *, dimensions: int, least: float = 0.0
) -> _Quadratic:
    """`own` and `others` are what each group adds to the error of a side's mean; the chance is never below `least`.

    Without drift the squared distance is a sum of squares of normal values with unequal weights. It is compared with
    Fisher's F whose first degrees of freedom say how many of these values there are in effect (Dempster 1958, "A high
    dimensional two sample significance test"; the trace of the squared covariance as of Bai and Saranadasa 1996).
    """
    traces, squares = zip(*(_traces(side) for side in (own, others)), strict=True)
    both = float(np.sum((own @ others.T) ** 2)) * (GROUPS / _FREEDOM) ** 2
    chance, square = sum(traces), sum(squares) + 2 * both
    effective = min(max(chance**2 / square if square else dimensions, 1.0), max(dimensions, 1))
    accuracy = effective * _FREEDOM * chance**2 / sum(trace**2 for trace in traces) if chance else _FREEDOM
    common = traces[1] / chance if chance else 1.0
    along = (np.sum((own @ apart) ** 2) + np.sum((others @ apart) ** 2)) * GROUPS / _FREEDOM
    chance = max(chance, least)
    return _Quadratic(
        value=float(apart @ apart),
        chance=chance,
        error=float(2 * chance**2 / effective + 4 * along) ** 0.5,
        # Rounded, so that like questions are asked once.
        critical=chance * exceeded(doubt.tail(round(common, 3)), round(effective, 2), round(accuracy, 1)),
    )


def _traces(side: Floats) -> tuple[float, float]:
    """The trace of the covariance of a side's mean, and that of its square, unbiased for normal values."""
    inner = side @ side.T
    trace, square = float(np.trace(inner)) / _FREEDOM, float(np.sum(inner**2)) / _FREEDOM**2
    unbiased = _FREEDOM**2 / ((_FREEDOM + 2) * (_FREEDOM - 1)) * (square - trace**2 / _FREEDOM)
    return GROUPS * trace, GROUPS**2 * max(unbiased, 0.0)


def _variance(groups: Floats) -> float:
    """Of a side's share, as independent records have it; a share of 0 or 1 is not sure either (Agresti and Caffo)."""
    n = groups.sum()
    share = (groups[:, 1].sum() + 1) / (n + 2)
    return float(share * (1 - share) / (n + 2))


def _shares(groups: Floats) -> Floats:
    return np.asarray(_checked(groups).sum(axis=0) / groups.sum())


def _means(groups: Floats) -> Floats:
    return np.asarray(_checked(groups)[:, 1:].sum(axis=0) / groups[:, 0].sum())


def _checked(groups: Floats) -> Floats:
    if groups.shape[0] != GROUPS:
        raise ValueError(f"a side needs {GROUPS} groups, got {groups.shape}")
    if not groups.any():
        raise ValueError("too few counts: a side holds nothing")
    return groups


def _influence(groups: Floats, shares: Floats) -> Floats:
    """What each group adds to the error of the last `shares`, for the groups' sizes differ by chance too."""
    held = groups.sum(axis=1, keepdims=True)
    return np.asarray((groups[:, -len(shares) :] - held * shares) / groups.sum())


def _relative_entropy(p: Floats, q: Floats) -> float:
    inside = p > 0
    return float(np.sum(p[inside] * np.log2(p[inside] / q[inside])))
