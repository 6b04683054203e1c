"""The score interval against scipy, and at its ends."""

import pytest
from scipy.stats import binomtest

from fmops.statistics.proportion import wilson


@pytest.mark.parametrize("successes,n", [(0, 10), (1, 10), (7, 200), (100, 200), (10, 10)])
def test_the_interval_is_scipys(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(method="wilson")

    share = wilson(successes, n)

    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_no_data_is_no_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(0, 0)
