"""Corrections for many questions against values worked out by hand."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from fmops.statistics.multiplicity import holm, shared_tail


def test_holm_multiplies_the_smallest_most_and_keeps_the_order() -> None:
    # 4 × 0.005, 3 × 0.01, 2 × 0.03, then the 0.04 that may not fall below what was before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_of_nothing_and_of_one() -> None:
    assert holm([]) == []
    assert holm([0.2]) == [0.2]
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def drawn(correlation: float, means: int) -> Any:
    random = np.random.default_rng(4)
    shared = random.normal(size=(40_000, 1))
    own = random.normal(size=(40_000, means))
    return (correlation**0.5 * shared + (1 - correlation) ** 0.5 * own).astype(np.float32)


@pytest.mark.parametrize("means", [2, 5, 10])
def test_strangers_pay_as_sidak_says(means: int) -> None:
    assert shared_tail(drawn(0, means), 0.025) == pytest.approx(1 - 0.975 ** (1 / means), rel=0.1)


def test_copies_pay_nothing() -> None:
    one = drawn(0, 1)

    assert shared_tail(np.repeat(one, 5, axis=1), 0.025) == pytest.approx(0.025, rel=0.01)


def test_two_candidates_against_one_champion_pay_as_dunnett_says() -> None:
    # Dunnett's one-sided critical value for two treatments of equal size and infinitely many degrees: 2.21.
    assert norm.isf(shared_tail(drawn(0.5, 2), 0.025)) == pytest.approx(2.21, abs=0.03)


def test_means_that_do_not_vary_cost_nothing() -> None:
    alone = drawn(0, 1)

    assert shared_tail(np.column_stack([alone, np.zeros_like(alone)]), 0.025) == 0.025
