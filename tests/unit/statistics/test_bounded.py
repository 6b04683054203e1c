"""The distribution-free bound against the exact intervals it becomes for counts."""

import numpy as np
import pytest
from scipy.stats import beta

from fmops.statistics.bounded import BoundedMean, bounded_means


def bounded(values: object, floor: float = 0, ceiling: float = 1, groups: np.ndarray | None = None) -> BoundedMean:
    column = np.asarray(values, dtype=float)[:, None]
    return bounded_means(column, groups, np.array([floor]), np.array([ceiling]), resamples=20_000, seed=5)[0]


def test_scores_of_0_and_1_have_the_exact_binomial_interval() -> None:
    found = bounded([1.0] * 3 + [0.0] * 47)

    assert found.low(0.025) == pytest.approx(beta.ppf(0.025, 3, 48), abs=0.002)
    assert found.high(0.025) == pytest.approx(beta.ppf(0.975, 4, 47), abs=0.003)


def test_nothing_toxic_seen_is_the_rule_of_three() -> None:
    found = bounded([0.0] * 100)

    assert found.low(0.025) == 0
    assert found.high(0.025) == pytest.approx(1 - 0.025 ** (1 / 100), abs=0.001)


def test_bound_and_test_agree() -> None:
    found = bounded(np.random.default_rng(2).beta(0.3, 3, 60))

    assert found.p_above(found.low(0.025)) == pytest.approx(0.025, rel=0.01)
    assert found.p_below(found.high(0.025)) == pytest.approx(0.025, rel=0.01)


def test_p_value_is_never_zero() -> None:
    assert bounded([1.0] * 50).p_above(-0.1) > 0


def test_ten_rows_of_one_group_are_one() -> None:
    groups = np.repeat(np.arange(30), 10)

    found = bounded([0.0] * 300, groups=groups)

    assert found.high(0.025) == pytest.approx(1 - 0.025 ** (1 / 30), abs=0.003)


def test_values_beyond_their_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="outside of its bounds"):
        bounded([0.2, 1.1])
