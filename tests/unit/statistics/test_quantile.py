"""The interval of a percentile by the order of the values."""

from math import inf

import numpy as np
import pytest
from scipy.stats import quantile_test

from fmops.statistics.quantile import Quantile


@pytest.mark.parametrize("n", [100, 500])
def test_the_interval_is_scipys(n: int) -> None:
    values = np.random.default_rng(n).lognormal(5, 1, n)
    theirs = quantile_test(values, p=0.95).confidence_interval(0.95)

    found = Quantile(values, 0.95)

    assert found.value == pytest.approx(np.quantile(values, 0.95))
    assert (found.low(0.025), found.high(0.025)) == (theirs.low, theirs.high if np.isfinite(theirs.high) else inf)


def test_p_values_are_scipys() -> None:
    values = np.random.default_rng(1).lognormal(5, 1, 200)
    found, threshold = Quantile(values, 0.95), 900.0

    less = quantile_test(values, q=threshold, p=0.95, alternative="less").pvalue
    greater = quantile_test(values, q=threshold, p=0.95, alternative="greater").pvalue

    assert (found.p_below(threshold), found.p_above(threshold)) == pytest.approx((less, greater))


def test_seventy_one_answers_cannot_bound_a_95th_percentile() -> None:
    values = np.arange(1.0, 73.0)

    assert Quantile(values[:71], 0.95).high(0.025) == inf
    assert Quantile(values, 0.95).high(0.025) == 72


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        Quantile(np.array([]), 0.5)
