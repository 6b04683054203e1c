"""Intervals agree with scipy, cover what they promise, and never make up certainty."""

import numpy as np
import pytest
from scipy import stats

from fmops.statistics.bootstrap import bca_means, mean_interval, mean_intervals, paired_difference


def test_interval_of_a_mean_agrees_with_scipy_on_skewed_scores() -> None:
    values = np.random.default_rng(7).beta(0.4, 3.0, size=300)

    ours = mean_interval(values)

    theirs = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=10_000, rng=np.random.default_rng(3))
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.05 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.05 * width)


def test_interval_of_few_normal_scores_is_as_wide_as_students() -> None:
    values = stats.norm.ppf((np.arange(30) + 0.5) / 30, 0.5, 0.1)

    ours = mean_interval(values)

    theirs = stats.t.interval(0.95, 29, values.mean(), stats.sem(values))
    assert ours.high - ours.low == pytest.approx(theirs[1] - theirs[0], rel=0.05)


def test_bound_and_test_agree() -> None:
    [found] = bca_means(np.random.default_rng(5).beta(0.5, 2, size=(250, 1)))

    for tail in (0.2, 0.025, 0.004):
        assert found.p_above(found.low(tail)) == pytest.approx(tail, rel=0.05)
        assert found.p_below(found.high(tail)) == pytest.approx(tail, rel=0.05)


def test_paired_interval_is_the_interval_of_the_differences() -> None:
    random = np.random.default_rng(11)
    theirs = random.random(80)
    ours = np.clip(theirs + random.normal(0.1, 0.05, 80), 0, 1)

    difference = paired_difference(ours, theirs)

    assert difference == mean_interval(ours - theirs)
    assert difference.low > 0


def test_paired_interval_is_narrower_than_what_unpaired_means_allow() -> None:
    random = np.random.default_rng(5)
    theirs = random.random(100)
    ours = theirs + random.normal(0.02, 0.01, 100)

    difference = paired_difference(ours, theirs)

    assert difference.high - difference.low < 0.1 * (mean_interval(ours).high - mean_interval(ours).low)


def test_rows_of_a_group_do_not_count_as_so_many_rows() -> None:
    random = np.random.default_rng(9)
    groups = np.repeat(np.arange(60), 5)
    values = (random.normal(0.5, 0.1, 60)[groups] + random.normal(0, 0.01, 300))[:, None]

    [apart], [together] = mean_intervals(values), mean_intervals(values, groups)

    # Five rows that say the same are one: the spread is sqrt(5) of what 300 rows would have.
    assert (together.high - together.low) / (apart.high - apart.low) == pytest.approx(5**0.5, rel=0.1)


def test_equal_values_have_an_interval_without_width() -> None:
    interval = mean_interval(np.full(50, 0.1))

    assert (interval.low, interval.high) == (pytest.approx(0.1), pytest.approx(0.1))


def test_one_row_has_an_interval_without_width_and_says_that_it_is_one() -> None:
    assert mean_interval(np.array([0.7])) == (0.7, 0.7, 0.7, 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        mean_interval(np.array([0.1, bad]))


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="needs rows"):
        mean_interval(np.array([]))
