"""The drift measures against scipy, and how often chance passes for drift, by simulation."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import t

from fmops.statistics import drift
from fmops.statistics.drift import (
    GROUPS,
    Doubt,
    Drift,
    coarsened,
    difference,
    discrepancy,
    divergence,
    gathered,
    jensen_shannon,
)

ONE_IN_TEN = Doubt(0.01)


def test_the_divergence_is_the_square_of_scipys_distance() -> None:
    random = np.random.default_rng(7)
    p, q = random.integers(0, 30, 40).astype(float), random.integers(0, 30, 40).astype(float)

    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2)


def test_disjoint_vocabularies_are_one_bit_apart() -> None:
    assert jensen_shannon(np.array([3.0, 0.0]), np.array([0.0, 9.0])) == pytest.approx(1)


def test_the_quantile_is_students() -> None:
    assert pytest.approx(t.ppf(0.975, GROUPS - 1)) == drift._T


def test_two_windows_share_the_doubt_as_far_as_they_share_the_baseline() -> None:
    budget = Doubt(4 / 10_000, features=4)

    # Nothing in common: both are wrong as often as the square of one. All in common: as often as one.
    assert budget.tail(0) == pytest.approx(0.01)
    assert budget.tail(1) == pytest.approx(0.0001)


def test_sides_without_the_right_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="16 groups"):
        divergence(np.ones((3, 4)), np.ones((3, 4)), ONE_IN_TEN)


@pytest.mark.parametrize("measure", [divergence, difference, discrepancy])
def test_a_side_that_holds_nothing_is_refused(measure: Callable[..., Drift]) -> None:
    with pytest.raises(ValueError, match="too few counts"):
        measure(np.zeros((GROUPS, 2)), np.ones((GROUPS, 2)), ONE_IN_TEN)


def test_what_the_smaller_side_can_not_hold_is_put_together() -> None:
    window, baseline = np.zeros((GROUPS, 4)), np.zeros((GROUPS, 4))
    window[0], baseline[0] = [90, 6, 3, 1], [100, 0, 0, 0]

    ours, theirs = gathered(window, baseline)

    assert ours[0].tolist() == [90, 10]
    assert theirs[0].tolist() == [100, 0]


def _deal(random: np.random.Generator, shares: np.ndarray, records: int) -> np.ndarray:
    """Records dealt into groups by chance, as a profile does."""
    counts = np.zeros((GROUPS, len(shares)))
    bins = random.choice(len(shares), records, p=shares)
    np.add.at(counts, (random.integers(0, GROUPS, records), bins), 1)
    return counts


def _normal(random: np.random.Generator, records: int, moved: float = 0.0) -> np.ndarray:
    """Sums of vectors, most of whose variance lies in few directions."""
    groups, vectors = np.zeros((GROUPS, 31)), random.normal(size=(records, 30)) * 0.8 ** np.arange(30)
    vectors[:, 0] += moved
    of = random.integers(0, GROUPS, records)
    np.add.at(groups, of, np.column_stack([np.ones(records), vectors]))
    return groups


@pytest.mark.parametrize("window,baseline", [(60, 60), (200, 1000), (1000, 200)])
def test_chance_passes_for_drift_as_often_as_it_may(window: int, baseline: int) -> None:
    """One window in ten may be wrong; less where the baseline's error, which the next window shares, is the larger."""
    random = np.random.default_rng(20_241_124)
    shares, rare = random.dirichlet(np.ones(12) * 3), np.array([0.98, 0.02])
    rounds = 200

    wrong = np.zeros(3)
    for _ in range(rounds):
        found = (
            divergence(*coarsened(_deal(random, shares, window), _deal(random, shares, baseline)), ONE_IN_TEN),
            difference(_deal(random, rare, window), _deal(random, rare, baseline), ONE_IN_TEN),
            discrepancy(_normal(random, window), _normal(random, baseline), ONE_IN_TEN),
        )
        wrong += [one.size > one.chance for one in found]

    allowed = rounds * ONE_IN_TEN.tail(window / (window + baseline))
    assert wrong.max() <= allowed + 3 * allowed**0.5
    assert wrong[[0, 2]].min() >= allowed / 3


@pytest.mark.parametrize("records", [60, 200, 1000])
def test_the_interval_holds_the_true_size(records: int) -> None:
    random = np.random.default_rng(5)
    before, after = np.full(10, 0.1), np.array([0.04] * 5 + [0.16] * 5)
    truth = jensen_shannon(after, before)

    found = [divergence(_deal(random, after, records), _deal(random, before, 400), ONE_IN_TEN) for _ in range(200)]

    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.93


def test_a_material_shift_is_found_with_some_dozen_records() -> None:
    random = np.random.default_rng(3)
    before, after = np.full(10, 0.1), np.array([0.01] * 7 + [0.31] * 3)
    strict = Doubt(1 / 2160, features=19)

    found = [divergence(_deal(random, after, 60), _deal(random, before, 150), strict) for _ in range(50)]

    assert np.mean([one.size > one.chance for one in found]) > 0.95


@pytest.mark.parametrize("words,bins", [(5, 256), (30, 256)])
def test_texts_with_words_of_their_own_do_not_drift_by_themselves(words: int, bins: int) -> None:
    """Rare words fill other bins in every sample: the plain divergence is large, and none of it is drift."""
    random = np.random.default_rng(13)

    def deal(records: int) -> np.ndarray:
        counts = np.zeros((GROUPS, bins))
        for _ in range(records):
            # Each text repeats one of its words: words of one text come together.
            said = random.integers(0, bins, words)
            np.add.at(counts[random.integers(GROUPS)], np.append(said, [said[0]] * words), 1)
        return counts

    found = [divergence(deal(60), deal(100), Doubt(1 / 2160)) for _ in range(60)]

    assert sum(one.size > one.chance for one in found) == 0
