"""What every way to be sure of a number has in common."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
"""What a one-sided claim may err by: the two ends of a 95 % interval share 5 %."""
POWER = 0.8

_NORMAL = NormalDist()


class Interval(NamedTuple):
    """A number over `n` rows, and between what bounds it lies at the stated confidence."""

    value: float
    low: float
    high: float
    n: int


class Estimate(Protocol):
    """A number, and how sure it is. Its bounds and its tests agree: `p_above(low(tail))` is `tail`."""

    @property
    def value(self) -> float: ...

    @property
    def method(self) -> str:
        """The interval's name, for people."""
        ...

    def low(self, tail: float) -> float:
        """The truth lies below this with a probability of at most `tail`."""
        ...

    def high(self, tail: float) -> float:
        """The truth lies above this with a probability of at most `tail`."""
        ...

    def p_above(self, threshold: float) -> float:
        """How likely a value this high would be if the truth were the threshold or less."""
        ...

    def p_below(self, threshold: float) -> float:
        """How likely a value this low would be if the truth were the threshold or more."""
        ...


class Known(NamedTuple):
    """A number without doubt, as of a price list."""

    value: float
    method: str = "known"

    def low(self, tail: float) -> float:  # noqa: ARG002 - there is no doubt
        return self.value

    def high(self, tail: float) -> float:  # noqa: ARG002 - there is no doubt
        return self.value

    def p_above(self, threshold: float) -> float:
        return 0.0 if self.value >= threshold else 1.0

    def p_below(self, threshold: float) -> float:
        return 0.0 if self.value <= threshold else 1.0


class Halved:
    """Half of an estimate, above a middle: what wins, ties and losses are worth where a tie is worth one half."""

    def __init__(self, whole: Estimate, middle: float) -> None:
        self._whole, self._middle = whole, middle
        self.value = middle + whole.value / 2
        self.method = whole.method

    def low(self, tail: float) -> float:
        return self._middle + self._whole.low(tail) / 2

    def high(self, tail: float) -> float:
        return self._middle + self._whole.high(tail) / 2

    def p_above(self, threshold: float) -> float:
        return self._whole.p_above(self._widened(threshold))

    def p_below(self, threshold: float) -> float:
        return self._whole.p_below(self._widened(threshold))

    def _widened(self, threshold: float) -> float:
        # Beyond the ends there is nothing to test.
        return min(max(2 * (threshold - self._middle), -1.0), 1.0)


class Widest:
    """Several ways to be sure of one number, of which the most doubtful counts at each end."""

    def __init__(self, ways: Sequence[Estimate]) -> None:
        self._ways = ways
        self.value = ways[0].value
        self.method = f"{', '.join(way.method for way in ways)}: the widest"

    def low(self, tail: float) -> float:
        return min(way.low(tail) for way in self._ways)

    def high(self, tail: float) -> float:
        return max(way.high(tail) for way in self._ways)

    def p_above(self, threshold: float) -> float:
        return max(way.p_above(threshold) for way in self._ways)

    def p_below(self, threshold: float) -> float:
        return max(way.p_below(threshold) for way in self._ways)


def widest(ways: Sequence[Estimate]) -> Estimate | None:
    """What all ways agree on; None where there is none."""
    return Widest(ways) if len(ways) > 1 else next(iter(ways), None)


def quantile(ordered: NDArray[np.float64], share: float) -> float:
    """The quantile of values that are in order already, which numpy would put in order again."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def detectable(low: float, high: float, tail: float, power: float = POWER) -> float:
    """The smallest true difference that a test at `tail` would have shown with this power, on items such as these.

    The interval's width at this tail says what the standard error is, so this holds for every method, and does not
    claim that no doubt is left where two models happened to agree on each item.
    """
    z = _NORMAL.inv_cdf(1 - tail)
    return (z + _NORMAL.inv_cdf(power)) * (high - low) / (2 * z)
