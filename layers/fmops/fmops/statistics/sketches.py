"""Small summaries of large streams that merge exactly: how many different ones, and which are the most frequent."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Registers = NDArray[np.uint8]
Counts = NDArray[np.int64]

PRECISION = 11
"""2¹¹ registers: the standard error of a distinct count is 1.04 / √2048, 2.3 %."""
CELLS = 512
"""A value that makes up well over 1/512 of the stream rules its cell, and is found."""
HASH_BITS = 32
_SHIFT = np.uint64(64 - PRECISION)
_BITS = np.arange(HASH_BITS, dtype=np.uint64)
_UNSEEN = 255


def no_registers() -> Registers:
    """The distinct count of nothing."""
    return np.zeros(1 << PRECISION, np.uint8)


def registers(hashes: Hashes) -> Registers:
    """HyperLogLog of these 64-bit hashes (Flajolet et al. 2007). Two merge by `np.maximum`."""
    made = no_registers()
    if len(hashes):
        rest = (hashes << np.uint64(PRECISION)) | np.uint64(1 << (PRECISION - 1))
        # The exponent of a float is the place of its highest bit; what is lost to rounding moves one in 2⁵³.
        rank = 64 - np.frexp(rest.astype(np.float64))[1] + 1
        np.maximum.at(made, (hashes >> _SHIFT).astype(np.intp), np.minimum(rank, _UNSEEN).astype(np.uint8))
    return made


def distinct(found: Registers) -> float:
    """The estimate of how many different hashes there were, with the small-range correction."""
    size = len(found)
    estimate = 0.7213 / (1 + 1.079 / size) * size**2 / float(np.sum(np.exp2(-found.astype(np.float64))))
    empty = int(np.count_nonzero(found == 0))
    return float(size * np.log(size / empty)) if estimate <= 2.5 * size and empty else estimate


def no_hitters() -> Counts:
    """The frequencies of nothing."""
    return np.zeros((CELLS, 1 + HASH_BITS), np.int64)


def hitters(hashes: Hashes, counts: Counts) -> Counts:
    """A linear sketch from which frequent values can be read (group testing: Cormode and Muthukrishnan 2005).

    Each value falls into one cell; a cell counts its values, and those that have each bit of the hash. Two merge by
    addition, whatever the order.
    """
    made = no_hitters()
    short = hashes >> np.uint64(64 - HASH_BITS)
    cells = (hashes % np.uint64(CELLS)).astype(np.intp)
    made[:, 0] = np.bincount(cells, counts, CELLS).astype(np.int64)
    weighted = ((short[:, None] >> _BITS) & np.uint64(1)).astype(np.int64) * counts[:, None]
    order = np.argsort(cells, kind="stable")
    if len(order):
        sorted_cells = cells[order]
        firsts = np.flatnonzero(np.concatenate(([True], sorted_cells[1:] != sorted_cells[:-1])))
        made[sorted_cells[firsts], 1:] = np.add.reduceat(weighted[order], firsts, axis=0)
    return made


class Hitter(NamedTuple):
    """A value that rules its cell, and its share of the stream: at most so much, and hardly less."""

    hash: int
    """Its highest 32 bits."""
    share: float


def frequent(sketch: Counts, most: int) -> list[Hitter]:
    """The most frequent values, by what their cells hold; cells without a ruler are left out."""
    whole = int(sketch[:, 0].sum())
    found: list[Hitter] = []
    for cell in np.argsort(-sketch[:, 0], kind="stable"):
        if len(found) == most or not sketch[cell, 0]:
            break
        share = sketch[cell, 1:] / sketch[cell, 0]
        if float(np.min(np.maximum(share, 1 - share))) <= 0.5:
            continue
        value = sum(1 << bit for bit in range(HASH_BITS) if share[bit] > 0.5)
        ruling = float(np.min(np.maximum(share, 1 - share))) * int(sketch[cell, 0])
        found.append(Hitter(value, ruling / whole))
    return found


def quantile(counts: Sequence[float] | NDArray[np.float64] | Counts, edges: Sequence[float], share: float) -> float:
    """Where `share` of a histogram lies below; inside a bin its values count as evenly spread.

    `edges` are the inner borders; what lies beyond the outer ones counts as lying on them. NaN of nothing.
    """
    held = np.asarray(counts, np.float64)
    if not held.sum():
        return float("nan")
    bounds = np.concatenate(([edges[0]], np.asarray(edges, np.float64), [edges[-1]]))
    below = np.concatenate(([0.0], np.cumsum(held)))
    wanted = share * below[-1]
    place = min(int(np.searchsorted(below, wanted, "left")), len(held)) - 1
    place = max(place, 0)
    inside = (wanted - below[place]) / held[place] if held[place] else 0.0
    return float(bounds[place] + inside * (bounds[place + 1] - bounds[place]))
