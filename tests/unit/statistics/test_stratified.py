"""A share of strata: by hand, against scipy's exact interval, and its coverage by simulation."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binomtest

from fmops.statistics.stratified import Gap, StratifiedShare, Stratum

TAIL = 0.025


def test_the_share_is_that_of_the_strata_by_their_sizes() -> None:
    # 0.9 × 0 + 0.1 × 0.5
    assert StratifiedShare([Stratum(900, 9, 0), Stratum(100, 10, 5)]).value == pytest.approx(0.05)


def test_what_was_looked_at_wholly_is_known() -> None:
    found = StratifiedShare([Stratum(30, 30, 3), Stratum(10, 10, 10)])

    assert (found.low(TAIL), found.value, found.high(TAIL)) == (0.325, 0.325, 0.325)


@pytest.mark.parametrize("found,n", [(0, 50), (1, 80), (7, 40), (40, 40)])
def test_one_large_stratum_has_clopper_and_pearsons_bounds(found: int, n: int) -> None:
    exact = binomtest(found, n).proportion_ci(method="exact")

    ours = StratifiedShare([Stratum(10_000_000, n, found)])

    assert ours.low(TAIL) == pytest.approx(exact.low, abs=0.01)
    assert ours.high(TAIL) == pytest.approx(exact.high, abs=0.01)


def test_a_stratum_of_which_nothing_was_sampled_may_be_anything() -> None:
    found = StratifiedShare([Stratum(900, 900, 0), Stratum(100, 0, 0, otherwise=0.2)])

    assert found.value == pytest.approx(0.02)
    assert found.low(TAIL) == 0
    assert found.high(TAIL) == pytest.approx(0.1)


@pytest.mark.parametrize("strata", [[], [Stratum(0, 0, 0)], [Stratum(5, 6, 0)], [Stratum(9, 3, 4)]])
def test_what_is_no_sample_is_refused(strata: list[Stratum]) -> None:
    with pytest.raises(ValueError, match="no sample"):
        StratifiedShare(strata)


# Fast scores are skewed: nearly all answers lie in the lowest stratum. Sizes, toxic in each, how many are sampled.
SKEWED = (9_700, 200, 70, 30)
RARE = (5, 4, 20, 22)
NONE = (0, 0, 0, 1)
MISSED = (97, 0, 0, 0)
COMMON = (1_400, 90, 60, 29)
SAMPLED = (150, 20, 15, 15)


def drawn(random: np.random.Generator, sizes: Sequence[int], toxic: Sequence[int]) -> list[Stratum]:
    sampled = np.minimum(SAMPLED, sizes)
    found = random.hypergeometric(toxic, np.subtract(sizes, toxic), sampled)
    return [Stratum(*row) for row in zip(sizes, sampled.tolist(), found.tolist(), strict=True)]


@pytest.mark.parametrize("toxic", [RARE, NONE, MISSED, COMMON])
def test_the_interval_covers_however_rare_the_finds(toxic: Sequence[int]) -> None:
    random = np.random.default_rng(11)
    truth, rounds = sum(toxic) / sum(SKEWED), 200

    held = 0
    for _ in range(rounds):
        found = StratifiedShare(drawn(random, SKEWED, toxic))
        held += found.low(TAIL) <= truth <= found.high(TAIL)

    # 95 % less three standard errors of 200 rounds.
    assert held / rounds >= 0.904


def test_it_is_narrower_than_a_simple_sample_of_the_same_size() -> None:
    random = np.random.default_rng(12)
    toxic, n = (10, 20, 40, 28), sum(SAMPLED)

    def width(found: StratifiedShare) -> float:
        return found.high(TAIL) - found.low(TAIL)

    strata = [width(StratifiedShare(drawn(random, SKEWED, toxic))) for _ in range(25)]
    simple = [
        width(StratifiedShare([Stratum(10_000, n, int(random.hypergeometric(sum(toxic), 10_000 - sum(toxic), n)))]))
        for _ in range(25)
    ]

    assert np.mean(strata) < 0.95 * np.mean(simple)


def test_it_covers_where_only_a_share_of_the_answers_has_a_fast_score() -> None:
    random = np.random.default_rng(13)
    toxic_of, whole = (400, 160, 150, 90), [4 * size for size in SKEWED]
    population = sum(whole)
    truth, rounds = sum(toxic_of) / population, 150

    held = 0
    for _ in range(rounds):
        # One in four gets a score: how many of each stratum is chance.
        sizes = random.binomial(whole, 0.25)
        toxic = random.hypergeometric(toxic_of, np.subtract(whole, toxic_of), sizes)
        found = StratifiedShare(drawn(random, sizes.tolist(), toxic.tolist()), population)
        held += found.low(TAIL) <= truth <= found.high(TAIL)

    assert held / rounds >= 0.897


def test_the_gap_of_two_parts_covers() -> None:
    random = np.random.default_rng(14)
    first, second, rounds = (900, 60, 30, 10), (8_800, 140, 40, 20), 150
    toxic_first, toxic_second = (9, 10, 15, 8), (40, 10, 10, 15)
    truth = sum(toxic_first) / sum(first) - sum(toxic_second) / sum(second)

    held = 0
    for _ in range(rounds):
        one = random.hypergeometric(toxic_first, np.subtract(first, toxic_first), (15, 6, 5, 4))
        strata = [Stratum(*row) for row in zip(first, (15, 6, 5, 4), one.tolist(), strict=True)]
        gap = Gap(StratifiedShare(strata), StratifiedShare(drawn(random, second, toxic_second)))
        held += gap.low(TAIL) <= truth <= gap.high(TAIL)

    assert held / rounds >= 0.897
