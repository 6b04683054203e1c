"""The score interval against scipy, and at its ends."""

import pytest
from scipy.stats import binom, binomtest

from fmops.statistics.proportion import ExactShare, binomial_tail, wilson


@pytest.mark.parametrize("successes,n", [(0, 10), (1, 10), (7, 200), (100, 200), (10, 10)])
def test_the_interval_is_scipys(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(method="wilson")

    share = wilson(successes, n)

    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_no_data_is_no_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(0, 0)


@pytest.mark.parametrize("successes,n", [(0, 10), (1, 10), (7, 200), (970, 1000), (10, 10)])
def test_the_exact_interval_is_scipys(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(method="exact")

    share = ExactShare(successes, n)

    assert (share.low(0.025), share.high(0.025)) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_exact_p_values_are_scipys() -> None:
    share = ExactShare(43, 50)

    assert share.p_above(0.8) == pytest.approx(binomtest(43, 50, 0.8, alternative="greater").pvalue)
    assert share.p_below(0.95) == pytest.approx(binomtest(43, 50, 0.95, alternative="less").pvalue)
    assert (share.p_above(0.0), share.p_below(1.0), share.p_above(1.0)) == (0, 0, 1)


@pytest.mark.parametrize("least,n,share", [(0, 5, 0.3), (6, 5, 0.3), (3, 5, 0.0), (3, 5, 1.0), (80, 1000, 0.1)])
def test_the_tail_is_scipys(least: int, n: int, share: float) -> None:
    assert binomial_tail(least, n, share) == pytest.approx(binom.sf(least - 1, n, share))
