"""Bootstrap intervals of means and of paired differences, for many columns at once."""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 4000
SEED = 20_241_124

# Resamples are drawn in blocks of about this many row numbers, so that memory stays flat whatever the size of the data.
_BLOCK = 4_000_000
_NORMAL = NormalDist()


class Interval(NamedTuple):
    """A mean over `n` rows, and between what bounds it lies at the stated confidence."""

    value: float
    low: float
    high: float
    n: int


def mean_intervals(
    columns: Floats, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Interval]:
    """The BCa interval of each column's mean. `columns` is (rows, columns), finite, with at least one row.

    All columns share their resamples, so a difference of two columns may be given as a third one: that is the paired
    bootstrap. A column whose values are all equal gets an interval without width.
    Efron (1987), "Better bootstrap confidence intervals"; for a mean the jackknife's acceleration has a closed form.
    """
    if columns.ndim != 2 or not columns.shape[0]:
        raise ValueError(f"needs rows and columns, got the shape {columns.shape}")
    if not np.isfinite(columns).all():
        raise ValueError("a value is missing or not finite")
    means = columns.mean(axis=0)
    replicates = resampled_means(columns, resamples=resamples, seed=seed)
    return [_bca(columns[:, i], float(means[i]), replicates[:, i], confidence) for i in range(columns.shape[1])]


def mean_interval(
    values: Floats, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The BCa interval of one mean."""
    return mean_intervals(values[:, None], confidence=confidence, resamples=resamples, seed=seed)[0]


def paired_difference(
    ours: Floats, theirs: Floats, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """The interval of the mean of `ours - theirs`, both over the same rows in the same order."""
    if ours.shape != theirs.shape:
        raise ValueError(f"pairs need equal lengths, got {ours.shape} and {theirs.shape}")
    return mean_interval(ours - theirs, confidence=confidence, resamples=resamples, seed=seed)


def resampled_means(columns: Floats, *, resamples: int, seed: int) -> Floats:
    """(resamples, columns): each column's mean in each resample of the rows."""
    rows = columns.shape[0]
    random = np.random.default_rng(seed)
    block = max(1, min(resamples, _BLOCK // rows))
    means: Floats = np.empty((resamples, columns.shape[1]))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = random.integers(0, rows, size=(size, rows), dtype=np.int32)
        drawn += (np.arange(size, dtype=np.int32) * rows)[:, None]
        # How often each row was drawn, times the rows: one matrix product for all columns.
        counts = np.bincount(drawn.ravel(), minlength=size * rows).reshape(size, rows)
        means[start : start + size] = counts.astype(np.float64) @ columns
    means /= rows
    return means


def _bca(values: Floats, mean: float, replicates: Floats, confidence: float) -> Interval:
    n = len(values)
    deviations = values - mean
    squares = float(np.sum(deviations**2))
    # Rounding makes a constant column's deviations tiny, not zero.
    if squares <= n * (1e-12 * max(1.0, abs(mean))) ** 2:
        return Interval(mean, mean, mean, n)
    acceleration = float(np.sum(deviations**3)) / (6 * squares**1.5)
    below = (np.count_nonzero(replicates < mean) + np.count_nonzero(replicates <= mean)) / (2 * len(replicates))
    # With few rows no resample may lie on one side; half a resample keeps the bias finite.
    half = 0.5 / len(replicates)
    bias = _NORMAL.inv_cdf(min(max(below, half), 1 - half))
    tail = (1 - confidence) / 2
    low, high = (_adjusted(probability, bias, acceleration) for probability in (tail, 1 - tail))
    bounds = np.quantile(replicates, [low, high])
    return Interval(mean, float(bounds[0]), float(bounds[1]), n)


def _adjusted(probability: float, bias: float, acceleration: float) -> float:
    shifted = bias + _NORMAL.inv_cdf(probability)
    position = _NORMAL.cdf(bias + shifted / (1 - acceleration * shifted))
    return probability if math.isnan(position) else position
