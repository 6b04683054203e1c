"""The closed form of Student's quantile against scipy, and its inverse."""

import numpy as np
import pytest
from scipy.stats import norm, sem, t, ttest_1samp

from fmops.statistics.student import StudentMean, narrowed, widened


@pytest.mark.parametrize("freedom", [8, 29, 199])
@pytest.mark.parametrize("tail", [0.2, 0.025, 0.0025])
def test_widened_is_the_quantile_of_t(freedom: float, tail: float) -> None:
    assert widened(norm.isf(tail), freedom) == pytest.approx(t.isf(tail, freedom), rel=0.006)


def test_narrowed_turns_it_round() -> None:
    assert narrowed(widened(-2.3, 17), 17) == pytest.approx(-2.3)


def test_hardly_any_freedom_leaves_no_end_in_sight() -> None:
    assert widened(-40, 1) < -1e9


def test_interval_and_test_of_a_mean_are_scipys() -> None:
    values = np.random.default_rng(1).normal(0.1, 0.3, 60)
    theirs = ttest_1samp(values, 0, alternative="greater")
    low, high = t.interval(0.95, 59, values.mean(), sem(values))

    found = StudentMean(float(values.mean()), values - values.mean(), 60)

    assert (found.low(0.025), found.high(0.025)) == pytest.approx((low, high), rel=1e-3)
    assert found.p_above(0) == pytest.approx(theirs.pvalue, rel=0.01)
    assert found.p_below(0) == pytest.approx(1 - theirs.pvalue, rel=0.01)
