"""Fisher's F distribution, whose tails decide what is drift: without scipy, which functions do not carry."""

from functools import lru_cache
from math import exp, lgamma, log

_STEPS = 300
_TINY = 1e-300
_CLOSE = 1e-12
_PRECISE = 1e-7
_LARGEST = 1e9


def above(value: float, first: float, second: float) -> float:
    """How likely a larger value is, with these degrees of freedom; they need not be whole."""
    return _beta(second / (second + first * value), second / 2, first / 2) if value > 0 else 1.0


@lru_cache(maxsize=256)
def exceeded(tail: float, first: float, second: float) -> float:
    """The value that is exceeded with the probability `tail`."""
    low, high = 0.0, 1.0
    while above(high, first, second) > tail and high < _LARGEST:
        low, high = high, high * 2
    while high - low > _PRECISE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle, first, second) > tail else (low, middle)
    return high


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Lentz's method)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    made = d
    for m in range(1, _STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _away(1 + term * d), _away(1 + term / c)
            made *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return min(1.0, front * made)


def _away(value: float) -> float:
    """Never 0, for it is divided by."""
    return value if abs(value) > _TINY else _TINY
