"""The closed form of Student's quantile against scipy, and its inverse."""

import pytest
from scipy.stats import norm, t

from fmops.statistics.student import narrowed, widened


@pytest.mark.parametrize("freedom", [8, 29, 199])
@pytest.mark.parametrize("tail", [0.2, 0.025, 0.0025])
def test_widened_is_the_quantile_of_t(freedom: float, tail: float) -> None:
    assert widened(norm.isf(tail), freedom) == pytest.approx(t.isf(tail, freedom), rel=0.006)


def test_narrowed_turns_it_round() -> None:
    assert narrowed(widened(-2.3, 17), 17) == pytest.approx(-2.3)


def test_hardly_any_freedom_leaves_no_end_in_sight() -> None:
    assert widened(-40, 1) < -1e9
