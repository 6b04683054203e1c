"""The share of a whole population, from samples of its strata: no bound relies on many having been found."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fmops.statistics.estimates import quantile
from fmops.statistics.weights import Floats

DRAWS = 4_000
_SEED = 20_261_124


class Stratum(NamedTuple):
    """A part of the population, and a simple random sample of it."""

    size: int
    sampled: int
    found: int
    otherwise: float = 0.0
    """Its share where nothing of it was sampled; for the estimate only, its bounds then are 0 and 1."""


class StratifiedShare:
    """A share, from samples of unequal parts, with bounds that hold where a part has few samples or no finds.

    In each stratum the unseen rest is as a binomial draw with a share from the two distributions whose tails are
    Clopper's and Pearson's bounds, and what was seen is known: together the exact bounds of a sample without
    replacement. Their sums over the strata give the population's. A census has no doubt, an empty sample has all of it.
    Fay, Proschan and Brittain (2015), "Combining one-sample confidence procedures for inference in the two-sample
    case", melded intervals; here over strata.

    Where the strata themselves are a random sample of `population`, its rest is drawn in the same way.
    """

    method = "melded exact bounds over strata"

    def __init__(self, strata: Sequence[Stratum], population: int | None = None, *, seed: int = _SEED) -> None:
        whole = sum(one.size for one in strata)
        if not whole or any(not 0 <= one.found <= one.sampled <= one.size for one in strata):
            raise ValueError(f"{list(strata)} holds no sample of a population")
        random = np.random.Generator(np.random.SFC64(seed))
        lows, highs = np.zeros(DRAWS), np.zeros(DRAWS)
        for one in strata:
            found = np.full(DRAWS, float(one.found))
            lows += _whole(random, found, one.sampled, one.size, upper=False)
            highs += _whole(random, found, one.sampled, one.size, upper=True)
        if population is not None and population > whole:
            lows = _whole(random, lows, whole, population, upper=False)
            highs = _whole(random, highs, whole, population, upper=True)
            self._among = population
        else:
            self._among = whole
        self.n = sum(one.sampled for one in strata)
        self.value = (
            sum(one.size * (one.found / one.sampled if one.sampled else one.otherwise) for one in strata) / whole
        )
        self.lows: Floats = lows / self._among
        self.highs: Floats = highs / self._among

    def low(self, tail: float) -> float:
        return min(self.value, quantile(np.sort(self.lows), tail))

    def high(self, tail: float) -> float:
        return max(self.value, quantile(np.sort(self.highs), 1 - tail))


class Gap:
    """How much larger one share is than another, of parts of which no record is in both."""

    def __init__(self, first: StratifiedShare, second: StratifiedShare) -> None:
        self.value = first.value - second.value
        # The draws of two shares with one seed are not independent: those of the second are taken in another order.
        order = np.random.default_rng(_SEED).permutation(DRAWS)
        self._lows, self._highs = first.lows - second.highs[order], first.highs - second.lows[order]

    def low(self, tail: float) -> float:
        return min(self.value, quantile(np.sort(self._lows), tail))

    def high(self, tail: float) -> float:
        return max(self.value, quantile(np.sort(self._highs), 1 - tail))


def _whole(random: np.random.Generator, found: Floats, sampled: int, size: int, *, upper: bool) -> Floats:
    """How many the whole has, `found` of a sample included."""
    rest = size - sampled
    if not rest:
        return found
    ones, others = found + upper, sampled - found + (not upper)
    share = random.beta(np.maximum(ones, 1e-9), np.maximum(others, 1e-9))
    # At an end there is nothing to draw from: all or nothing.
    share = np.where(ones <= 0, 0.0, np.where(others <= 0, 1.0, share))
    return found + random.binomial(rest, share)
