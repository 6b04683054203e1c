"""The drift measure against scipy, and its interval by simulation."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import t

from fmops.statistics import drift
from fmops.statistics.drift import GROUPS, grouped_jackknife, jensen_shannon


def test_the_divergence_is_the_square_of_scipys_distance() -> None:
    random = np.random.default_rng(7)
    p, q = random.integers(0, 30, 40).astype(float), random.integers(0, 30, 40).astype(float)

    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2)


def test_disjoint_vocabularies_are_one_bit_apart() -> None:
    assert jensen_shannon(np.array([3.0, 0.0]), np.array([0.0, 9.0])) == pytest.approx(1)


def test_the_quantile_is_students() -> None:
    assert pytest.approx(t.ppf(0.975, GROUPS - 1)) == drift._T


def test_sides_without_the_right_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="16 groups"):
        grouped_jackknife(jensen_shannon, np.ones((3, 4)), np.ones((3, 4)))


def _deal(random: np.random.Generator, shares: np.ndarray, records: int) -> np.ndarray:
    """Records dealt into groups by chance, as a profile does."""
    counts = np.zeros((GROUPS, len(shares)))
    bins = random.choice(len(shares), records, p=shares)
    np.add.at(counts, (random.integers(0, GROUPS, records), bins), 1)
    return counts


@pytest.mark.parametrize("records", [60, 200, 1000])
def test_without_drift_an_alarm_is_rare_however_few_the_records(records: int) -> None:
    random = np.random.default_rng(20_241_124)
    shares = random.dirichlet(np.ones(20))

    lows = [
        grouped_jackknife(jensen_shannon, _deal(random, shares, records), _deal(random, shares, records)).low
        for _ in range(300)
    ]

    # The default limit for lengths is 0.05 bits. One false alarm in 300 windows at most.
    assert sum(low > 0.05 for low in lows) <= 1


def test_a_material_shift_is_surely_found() -> None:
    random = np.random.default_rng(3)
    before = np.full(10, 0.1)
    after = np.array([0.01] * 7 + [0.31] * 3)

    found = [
        grouped_jackknife(jensen_shannon, _deal(random, after, 150), _deal(random, before, 150)) for _ in range(50)
    ]

    # In truth 0.34 bits.
    assert np.mean([one.low > 0.05 for one in found]) > 0.95


def test_the_bias_of_few_records_is_taken_off() -> None:
    random = np.random.default_rng(11)
    shares = np.full(20, 0.05)

    sizes, plain = [], []
    for _ in range(200):
        window, baseline = _deal(random, shares, 200), _deal(random, shares, 200)
        sizes.append(grouped_jackknife(jensen_shannon, window, baseline).size)
        plain.append(jensen_shannon(window.sum(axis=0), baseline.sum(axis=0)))

    assert np.mean(sizes) < 0.35 * np.mean(plain)
