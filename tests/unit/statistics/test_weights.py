"""The weights are those of a resample, whatever the size of the blocks they are drawn in."""

import numpy as np
import pytest

from fmops.statistics import weights
from fmops.statistics.weights import resample


def test_weights_have_the_first_moments_of_counts_in_a_resample() -> None:
    table = weights._ONE.astype(float)

    assert len(table) == 256
    assert table.mean() == 1
    assert table.var() == 1
    assert ((table - 1) ** 3).mean() == pytest.approx(1, abs=0.01)
    # Poisson's probabilities of 0 to 4.
    shares = np.bincount(table.astype(int))[:5] / 256
    assert shares == pytest.approx([0.3679, 0.3679, 0.1839, 0.0613, 0.0153], abs=0.011)


def test_means_vary_as_the_standard_error_says() -> None:
    values = np.random.default_rng(1).beta(1, 3, size=(400, 2))

    drawn = resample(values, None, resamples=10_000, seed=2)

    assert drawn.deviations.std(axis=0) == pytest.approx(values.std(axis=0) / 20, rel=0.03)
    assert drawn.deviations.mean(axis=0) == pytest.approx(0, abs=0.001)


def test_columns_share_their_weights() -> None:
    values = np.random.default_rng(1).random((50, 1))

    drawn = resample(np.column_stack([values, 1 - values]), None, resamples=100, seed=2)

    assert drawn.deviations[:, 0] == pytest.approx(-drawn.deviations[:, 1], abs=1e-6)


def test_size_of_the_blocks_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random((43, 2))
    whole = resample(values, None, resamples=50, seed=9).deviations

    monkeypatch.setattr(weights, "_BLOCK", 43 * 9)

    assert resample(values, None, resamples=50, seed=9).deviations == pytest.approx(whole, abs=1e-6)


def test_groups_of_one_row_are_rows() -> None:
    values = np.random.default_rng(1).random((30, 1))

    alone = resample(values, np.arange(30), resamples=50, seed=3)

    assert alone.deviations == pytest.approx(resample(values, None, resamples=50, seed=3).deviations)


def test_group_without_rows_is_no_unit() -> None:
    drawn = resample(np.random.default_rng(1).random((30, 1)), np.repeat([0, 2], 15), resamples=10, seed=3)

    assert drawn.units == 2
