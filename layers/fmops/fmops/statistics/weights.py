"""Random weights of a bootstrap, for many columns at once: a table turns bytes into counts, BLAS does the rest."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Groups = NDArray[np.intp]

# How many of the 256 bytes stand for 0, 1, 2, 3, 4 and 5: Poisson's distribution with mean 1 as near as bytes allow.
# Mean and variance are exactly 1, as of the counts of a resample; the third moment, which moves the ends of an
# interval of a skewed score, is off by 0.8 %.
_COUNTS = (94, 94, 49, 13, 5, 1)
_ONE = np.repeat(np.arange(len(_COUNTS), dtype=np.float32), _COUNTS)
# Two bytes at once: both weights lie side by side in eight bytes.
_TWO = np.stack([np.tile(_ONE, 256), np.repeat(_ONE, 256)], axis=1).view(np.uint64).ravel()

# Weights are drawn in blocks of about this many, so that they stay in the cache and memory flat.
_BLOCK = 1 << 17


class Resampled(NamedTuple):
    """What resampling tells of the means of columns. Units are rows, or groups of rows."""

    means: Floats
    """(columns,)"""
    deviations: Singles
    """(resamples, columns): each resample's mean less the mean. Single precision: it errs by less than 1e-6 of the
    spread, where chance between two seeds moves the ends by 1e-2 of it."""
    influence: Floats
    """(units, columns): how far each unit pulls the mean, as a sum over its rows."""

    @property
    def units(self) -> int:
        return len(self.influence)


def resample(columns: Floats, groups: Groups | None, *, resamples: int, seed: int) -> Resampled:
    """Means of `columns` (rows, columns), finite, and how they vary.

    Where `groups` numbers each row's group from 0, whole groups are drawn: rows of a group tell the same thing twice.
    Each unit's weight is drawn apart (Poisson bootstrap), which equals drawing with replacement but for terms of 1/n.
    All columns share the weights: what is paired stays paired, and a difference may be given as a column.
    Hanley and MacGibbon (2006), "Creating non-parametric bootstrap samples using Poisson frequencies".
    """
    if columns.ndim != 2 or not columns.shape[0]:
        raise ValueError(f"needs rows and columns, got the shape {columns.shape}")
    if not np.isfinite(columns).all():
        raise ValueError("a value is missing or not finite")
    means = columns.mean(axis=0)
    influence, sizes = by_group(columns - means, groups)
    # The size of what was drawn is one more column of the same product.
    factors = np.column_stack([influence, sizes]).astype(np.float32)
    units = len(factors)
    # Eight weights come from one draw; blocks of whole draws give the same weights whatever their size.
    block = max(8, _BLOCK // units // 8 * 8)
    bits = np.random.SFC64(seed)
    deviations: Singles = np.empty((resamples, len(means)), dtype=np.float32)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        sums = _weights(bits, size * units).reshape(size, units) @ factors
        # Nothing drawn at all is nothing learned: no deviation.
        deviations[start : start + size] = sums[:, :-1] / np.maximum(sums[:, -1:], 1)
    return Resampled(means, deviations, influence)


def _weights(bits: np.random.SFC64, count: int) -> Singles:
    pairs = bits.random_raw(-(-count // 8)).view(np.uint16)
    # No pair lies outside the table; "clip" spares numpy a look at each of them.
    drawn: Singles = np.take(_TWO, pairs, mode="clip").view(np.float32)[:count]
    return drawn


def by_group(columns: Floats, groups: Groups | None) -> tuple[Floats, Floats]:
    """The sums of each unit's rows, and how many rows it has; each row is its own unit where there are no groups."""
    if groups is None:
        return columns, np.ones(len(columns))
    sizes = np.bincount(groups)
    sums = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(sums, groups, columns)
    # A group whose rows all lack the score is no unit.
    return sums[sizes > 0], sizes[sizes > 0].astype(np.float64)
