"""Fisher's F against scipy."""

import pytest
from scipy.stats import f

from fmops.statistics.fisher import above, exceeded

DEGREES = [(1, 15), (1, 30), (3.7, 55.5), (12, 180), (150, 2250), (1, 15.3)]


@pytest.mark.parametrize("first,second", DEGREES)
@pytest.mark.parametrize("value", [0.01, 0.7, 1.0, 2.5, 40.0])
def test_the_tail_is_scipys(first: float, second: float, value: float) -> None:
    assert above(value, first, second) == pytest.approx(f.sf(value, first, second), rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("first,second", DEGREES)
@pytest.mark.parametrize("tail", [0.5, 0.025, 0.001, 1e-6])
def test_the_quantile_is_scipys(first: float, second: float, tail: float) -> None:
    assert exceeded(tail, first, second) == pytest.approx(f.isf(tail, first, second), rel=1e-6)


def test_nothing_is_below_nought() -> None:
    assert above(0, 3, 15) == 1
