"""Which interval is chosen, that it covers, and what a test could have shown. Seeds are in the tests."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import TAIL, Estimate, Known, detectable
from fmops.statistics.paired import PairedShares
from fmops.statistics.proportion import ExactShare
from fmops.statistics.weights import Floats, Groups


def chosen(
    values: Floats, floor: float = 0, *, rare: bool = False, groups: Groups | None = None, ceiling: float = 1
) -> Estimate | None:
    return estimates({"x": Column(values, floor, ceiling, rare)}, groups).estimates["x"]


def method(found: Estimate | None) -> str:
    return found.method if found else "none"


def toxicity(random: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """As a classifier scores answers: nearly all close to 0, one in twenty anywhere above a half. Mean 0.0412."""
    toxic = random.random(shape) < 0.05
    scores: Floats = np.where(toxic, random.beta(4, 2, shape), random.beta(0.5, 60, shape))
    return scores


TOXIC_MEAN = 0.05 * 4 / 6 + 0.95 * 0.5 / 60.5


def test_the_data_choose_the_interval() -> None:
    random = np.random.default_rng(1)
    plain, skewed = random.beta(2, 2, 1000), random.beta(0.3, 3, 1000)
    right = (plain > 0.5).astype(float)

    assert "Clopper" in method(chosen(right))
    assert "Tango" in method(chosen(right - right[::-1], -1))
    assert method(chosen(plain[:30])) == "BCa bootstrap"
    assert "Gaffke" in method(chosen(plain[:29]))
    assert "Gaffke" in method(chosen(skewed[:199]))
    assert method(chosen(skewed[:200])) == "BCa bootstrap"
    assert method(chosen(skewed, rare=True)) == "BCa bootstrap, distribution-free bound (Gaffke): the widest"
    assert method(chosen(plain - plain[::-1] / 2, -1)) == "BCa bootstrap, Student's t: the widest"
    assert "Gaffke" in method(chosen(np.where(np.arange(1000) < 4, 0.7, 0.0)))


def test_too_few_items_say_nothing() -> None:
    assert chosen(np.array([1.0] * 19)) is None
    assert chosen(np.array([1.0] * 20)) is not None


def test_few_items_without_known_bounds_say_nothing() -> None:
    assert chosen(np.linspace(0, 3, 25)) is None
    assert chosen(np.linspace(0, 3, 30)) is not None


def test_groups_count_instead_of_rows() -> None:
    values = np.random.default_rng(1).beta(2, 2, 300)
    groups = np.repeat(np.arange(19), 16)[:300]

    assert chosen(values, groups=groups) is None
    assert method(chosen((values > 0.5).astype(float), groups=np.arange(300) // 5)) == "BCa bootstrap"


@pytest.mark.parametrize("n", [50, 200, 1000])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_intervals_of_shares_cover(n: int, share: float) -> None:
    """Every outcome is counted: no simulation is as sure."""
    outcomes = np.flatnonzero(binom.pmf(np.arange(n + 1), n, share) > 1e-7)
    covered = sum(
        binom.pmf(k, n, share)
        for k in outcomes
        if ExactShare(int(k), n).low(TAIL) <= share <= ExactShare(int(k), n).high(TAIL)
    )

    assert covered >= 0.95 - 1e-4


@pytest.mark.parametrize("n", [50, 200, 1000])
@pytest.mark.parametrize("won,lost", [(0.075, 0.075), (0.1, 0.05), (0.14, 0.01)])
def test_intervals_of_paired_shares_with_15_percent_discordance_cover(n: int, won: float, lost: float) -> None:
    random = np.random.default_rng(n)
    counts = random.multinomial(n, [won, lost, 1 - won - lost], size=2000)

    covered = 0
    for ours, theirs, _ in counts:
        found = PairedShares(int(ours), int(theirs), n)
        covered += found.p_above(won - lost) >= TAIL and found.p_below(won - lost) >= TAIL

    assert covered / 2000 >= 0.935


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_intervals_of_skewed_toxicity_cover(n: int) -> None:
    samples = toxicity(np.random.default_rng(n), (n, 200))

    found = estimates({str(i): Column(samples[:, i], 0, 1, rare=True) for i in range(200)}, None).estimates.values()

    assert _coverage(list(found), TOXIC_MEAN) >= 0.935


@pytest.mark.parametrize("n", [50, 200])
def test_intervals_of_differences_of_toxicity_cover(n: int) -> None:
    random = np.random.default_rng(n)
    samples = toxicity(random, (n, 500)) - toxicity(random, (n, 500))

    found = estimates({str(i): Column(samples[:, i], -1, 1) for i in range(500)}, None).estimates.values()

    assert _coverage(list(found), 0) >= 0.935


@pytest.mark.parametrize("n", [50, 200])
def test_intervals_of_f1_differences_cover(n: int) -> None:
    """Most answers are equally good, some are better or worse by any amount."""
    random = np.random.default_rng(n)
    moved = random.random((n, 500)) < 0.4
    samples = np.where(moved, random.beta(2, 2, (n, 500)) * random.choice([1, 1, -1], (n, 500)), 0.0)

    found = estimates({str(i): Column(samples[:, i], -1, 1) for i in range(500)}, None).estimates.values()

    assert _coverage(list(found), 0.4 / 2 / 3) >= 0.935


def test_intervals_of_grouped_rows_cover() -> None:
    random = np.random.default_rng(8)
    groups = np.repeat(np.arange(50), np.arange(50) % 4 + 1)
    samples = random.normal(0, 0.1, (50, 500))[groups] + random.normal(0.4, 0.1, (len(groups), 500))

    found = estimates({str(i): Column(samples[:, i], -9, 9) for i in range(500)}, groups).estimates.values()

    assert _coverage(list(found), 0.4) >= 0.935


def _coverage(found: list[Estimate | None], truth: float) -> float:
    sure = [one for one in found if one]
    return float(np.mean([one.low(TAIL) <= truth <= one.high(TAIL) for one in sure]))


def test_detectable_difference_is_found_with_80_percent() -> None:
    """At n = 400 and a spread of 0.2: (1.96 + 0.84) × 0.2 / 20 = 0.028, and a simulated test finds that."""
    random = np.random.default_rng(6)
    found = chosen(random.normal(0, 0.2, 400), -9, ceiling=9)
    assert found is not None
    least = detectable(found.low(TAIL), found.high(TAIL), TAIL)
    assert least == pytest.approx((norm.isf(0.025) + norm.isf(0.2)) * 0.01, rel=0.1)

    samples = random.normal(0.028, 0.2, (400, 400))
    again = estimates({str(i): Column(samples[:, i], -9, 9) for i in range(400)}, None).estimates.values()

    assert np.mean([one.p_above(0) <= TAIL for one in again if one]) == pytest.approx(0.8, abs=0.06)


def test_two_models_that_agree_on_each_item_leave_a_doubt() -> None:
    found = chosen(np.zeros(100), -1)

    assert found is not None
    assert detectable(found.low(TAIL), found.high(TAIL), TAIL) == pytest.approx(0.053, abs=0.002)


def test_a_known_number_has_no_doubt() -> None:
    price = Known(0.5)

    assert (price.low(TAIL), price.high(TAIL)) == (0.5, 0.5)
    assert (price.p_above(0.4), price.p_below(0.4), price.p_above(0.6)) == (0, 1, 1)
