"""Finds the texts that are much alike among very many, without comparing each with each: MinHash and its bands."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.text.shingles import Hashes, Shingles, mixed, similarity

BANDS = 64
ROWS = 3
"""Hashes in a band. A pair with a similarity of s shares a band with 1 - (1 - s³)⁶⁴: 0.9998 at 0.5, 0.98 at 0.4."""
_PERMUTATIONS = BANDS * ROWS
_MATES = 16
"""How many texts are looked at for one text, in a band and in all: where there are more, they are alike enough."""
_VERIFIED = 4
_SLACK = 0.12
"""The estimate's standard error is 0.036 at 0.5: three of them below the floor are verified too."""
_TEXTS = 4_000
_PAIRS = 20_000
_SEED = 20_251_124

Signatures = NDArray[np.uint32]
Places = NDArray[np.int64]


class Alike(NamedTuple):
    """A text of the second set, the text of the first that is most like it, and how much."""

    second: int
    first: int
    similarity: float


def most_alike(first: Shingles, second: Shingles, floor: float) -> list[Alike]:
    """For each text of `second` that is at least `floor` like one of `first`: the one that it is most like.

    Where very many are like it, one of the first that were found.
    """
    pairs = _pairs(_signatures(first), _signatures(second), floor - _SLACK)
    best: dict[int, Alike] = {}
    for one, other in pairs:
        found = Alike(one, other, similarity(second.of(one), first.of(other)))
        if found.similarity >= floor and (one not in best or found.similarity > best[one].similarity):
            best[one] = found
    return [best[one] for one in sorted(best)]


def _signatures(shingles: Shingles) -> Signatures:
    """For each text the least hash under each permutation; a text without n-grams gets what no other has."""
    random = np.random.default_rng(_SEED)
    factors = random.integers(0, 2**63, _PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    made = np.zeros((shingles.texts, _PERMUTATIONS), np.uint32)
    present = np.flatnonzero(shingles.sizes)
    for begin in range(0, len(present), _TEXTS):
        texts = present[begin : begin + _TEXTS]
        # The texts between have no n-grams, so these lie side by side.
        low, high = shingles.starts[texts[0]], shingles.starts[texts[-1] + 1]
        hashes, starts = shingles.hashes[low:high], shingles.starts[texts] - low
        product = np.empty_like(hashes)
        least = np.empty((_PERMUTATIONS, len(texts)), np.uint64)
        for permutation, factor in enumerate(factors):
            np.multiply(hashes, factor, out=product)
            np.minimum.reduceat(product, starts, out=least[permutation])
        made[texts] = (least >> np.uint64(32)).T.astype(np.uint32)
    empty = np.flatnonzero(shingles.sizes == 0)
    made[empty] = mixed((empty[:, None] * _PERMUTATIONS + np.arange(_PERMUTATIONS)).astype(np.uint64)) >> np.uint64(32)
    return made


def _pairs(first: Signatures, second: Signatures, at_least: float) -> Iterator[tuple[int, int]]:
    """Pairs worth a look: texts of `second` with the few of `first` that their signatures make most like them."""
    found: list[tuple[Places, Places, NDArray[np.float64]]] = []
    mates_of = np.zeros(len(second), np.int64)
    for band in range(BANDS):
        columns = slice(band * ROWS, (band + 1) * ROWS)
        searching = np.flatnonzero(mates_of < _MATES)
        ones, others = _mates(_key(first[:, columns]), _key(second[searching, columns]))
        for part in _promising(first, second, (searching[ones], others), at_least):
            found.append(part)
            mates_of += np.bincount(part[0], minlength=len(second))
    if not found:
        return
    ones, others, estimates = (np.concatenate([part[i] for part in found]) for i in range(3))
    _, unique = np.unique(ones * len(first) + others, return_index=True)
    ones, others, estimates = ones[unique], others[unique], estimates[unique]
    order = np.lexsort((others, -estimates, ones))
    ones, others = ones[order], others[order]
    rank = np.arange(len(ones)) - np.searchsorted(ones, ones)
    for place in np.flatnonzero(rank < _VERIFIED):
        yield int(ones[place]), int(others[place])


def _key(band: Signatures) -> Hashes:
    key = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        key = mixed(key ^ band[:, column])
    return key


def _mates(first: Hashes, second: Hashes) -> tuple[Places, Places]:
    """All pairs with the same key, at most _MATES for each of `second`."""
    order = np.argsort(first, kind="stable")
    ordered = first[order]
    low = np.searchsorted(ordered, second, "left")
    counts = np.minimum(np.searchsorted(ordered, second, "right") - low, _MATES)
    ones = np.repeat(np.arange(len(second)), counts)
    steps = np.arange(len(ones)) - np.repeat(np.cumsum(counts) - counts, counts)
    return ones, order[np.repeat(low, counts) + steps]


def _promising(
    first: Signatures, second: Signatures, mates: tuple[Places, Places], at_least: float
) -> Iterator[tuple[Places, Places, NDArray[np.float64]]]:
    """The pairs whose signatures agree in at least this share; in pieces, so that memory stays small."""
    for begin in range(0, len(mates[0]), _PAIRS):
        ones, others = mates[0][begin : begin + _PAIRS], mates[1][begin : begin + _PAIRS]
        estimates = (second[ones] == first[others]).mean(axis=1)
        good = estimates >= at_least
        if good.any():
            yield ones[good], others[good], estimates[good]
