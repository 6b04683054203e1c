"""Intervals agree with scipy, cover what they promise, and never make up certainty."""

import numpy as np
import pytest
from scipy import stats

from fmops.statistics.bootstrap import mean_interval, mean_intervals, paired_difference, resampled_means


def test_interval_of_a_mean_agrees_with_scipy_on_skewed_scores() -> None:
    values = np.random.default_rng(7).beta(0.4, 3.0, size=150)

    ours = mean_interval(values, resamples=10_000)

    theirs = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=10_000, rng=np.random.default_rng(3))
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.05 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.05 * width)


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


def test_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    samples = random.normal(0.3, 0.1, size=(60, 500))

    covered = [interval.low <= 0.3 <= interval.high for interval in mean_intervals(samples, resamples=1000)]

    assert 0.91 <= np.mean(covered) <= 0.985


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


def test_same_seed_gives_the_same_interval_and_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random((40, 2))
    whole = resampled_means(values, resamples=50, seed=9)

    monkeypatch.setattr("fmops.statistics.bootstrap._BLOCK", 40 * 7)

    assert np.allclose(resampled_means(values, resamples=50, seed=9), whole)
