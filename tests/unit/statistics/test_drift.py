"""The drift measure against scipy, and its interval by simulation."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import t

from fmops.statistics import drift
from fmops.statistics.drift import GROUPS, beyond_chance, jensen_shannon


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
        beyond_chance(jensen_shannon, np.ones((3, 4)), np.ones((3, 4)))


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
        beyond_chance(jensen_shannon, _deal(random, shares, records), _deal(random, shares, records)).low
        for _ in range(300)
    ]

    # The default limit for lengths is 0.05 bits. One false alarm in 300 windows at most.
    assert sum(low > 0.05 for low in lows) <= 1


def test_a_material_shift_is_surely_found() -> None:
    random = np.random.default_rng(3)
    before = np.full(10, 0.1)
    after = np.array([0.01] * 7 + [0.31] * 3)

    found = [beyond_chance(jensen_shannon, _deal(random, after, 150), _deal(random, before, 150)) for _ in range(50)]

    # In truth 0.34 bits.
    assert np.mean([one.low > 0.05 for one in found]) > 0.95


@pytest.mark.parametrize("words,bins", [(5, 256), (30, 256)])
def test_texts_with_words_of_their_own_do_not_drift_by_themselves(words: int, bins: int) -> None:
    """Rare words fill other bins in every sample: the plain divergence is large, and none of it is drift."""
    random = np.random.default_rng(13)

    def deal(records: int) -> np.ndarray:
        counts = np.zeros((GROUPS, bins))
        for _ in range(records):
            np.add.at(counts[random.integers(GROUPS)], random.integers(0, bins, words), 1)
        return counts

    found = [beyond_chance(jensen_shannon, deal(60), deal(100)).low for _ in range(60)]

    assert max(found) == 0


def test_a_side_with_half_of_its_groups_empty_is_refused() -> None:
    few = np.zeros((GROUPS, 4))
    few[0] = 1

    with pytest.raises(ValueError, match="too few counts"):
        beyond_chance(jensen_shannon, few, np.ones((GROUPS, 4)))
