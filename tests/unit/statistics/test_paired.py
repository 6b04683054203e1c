"""The score interval of a paired difference against its definition, and its size by counting every outcome."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binom, binomtest, norm

from fmops.statistics.choosing import Column, estimates
from fmops.statistics.paired import PairedShares


def by_likelihood(won: int, lost: int, n: int, difference: float) -> float:
    """Tango's score with the nuisance parameter found by a search instead of his formula."""

    def surprise(share: float) -> float:
        cells = [(won, share + difference), (lost, share), (n - won - lost, 1 - 2 * share - difference)]
        return -sum(count * float(np.log(p)) for count, p in cells if count)

    bounds = (max(0, -difference) + 1e-12, (1 - difference) / 2 - 1e-12)
    share = minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    return float((won - lost - n * difference) / np.sqrt(n * (2 * share + difference - difference**2)))


@pytest.mark.parametrize("won,lost,n", [(12, 2, 50), (30, 10, 200), (5, 9, 60), (1, 0, 40)])
def test_p_values_are_those_of_the_score_at_the_likeliest_nuisance(won: int, lost: int, n: int) -> None:
    found = PairedShares(won, lost, n)

    for difference in (-0.1, -0.02, 0.05, 0.3):
        assert found.p_above(difference) == pytest.approx(
            norm.sf(by_likelihood(won, lost, n, difference)), rel=1e-4, abs=1e-9
        )


def test_the_interval_holds_what_the_score_test_does_not_reject() -> None:
    found = PairedShares(12, 2, 50)

    low, high = found.low(0.025), found.high(0.025)

    assert found.value == 0.2
    assert (found.p_above(low), found.p_below(high)) == (pytest.approx(0.025), pytest.approx(0.025))
    z = 1.959964
    assert by_likelihood(12, 2, 50, low) == pytest.approx(z, abs=1e-4)
    assert by_likelihood(12, 2, 50, high) == pytest.approx(-z, abs=1e-4)


def test_no_difference_seen_is_not_no_difference() -> None:
    found = PairedShares(0, 0, 100)

    # z² / (n + z²)
    assert found.high(0.025) == pytest.approx(0.03699, abs=1e-5)
    assert found.low(0.025) == pytest.approx(-0.03699, abs=1e-5)


def test_interval_turns_round_with_the_sides() -> None:
    one, other = PairedShares(9, 4, 80), PairedShares(4, 9, 80)

    assert (one.low(0.01), one.high(0.01)) == pytest.approx((-other.high(0.01), -other.low(0.01)))


def test_about_zero_the_mid_p_test_decides() -> None:
    # 9 of 12: the exact test says 0.073, less half of the chance of just 9.
    exact = binomtest(9, 12, alternative="greater").pvalue

    assert PairedShares(9, 3, 50).p_above(0) == pytest.approx(exact - binom.pmf(9, 12, 0.5) / 2)
    assert PairedShares(4, 0, 50).low(0.025) == 0


@pytest.mark.parametrize("n", [50, 200, 1000])
@pytest.mark.parametrize("discordance", [0.05, 0.15, 0.5])
def test_equal_shares_are_told_apart_at_most_as_often_as_asked(n: int, discordance: float) -> None:
    wrong = 0.0
    for decided in range(n + 1):
        chance = binom.pmf(decided, n, discordance)
        if chance > 1e-7:
            least = next(
                (k for k in range(decided // 2, decided + 1) if PairedShares(k, decided - k, n).p_above(0) <= 0.025),
                None,
            )
            wrong += 0 if least is None else chance * binom.sf(least - 1, decided, 0.5)

    assert wrong <= 0.025


@pytest.mark.parametrize("won,lost,n", [(1, 0, 0), (-1, 0, 9), (6, 5, 10)])
def test_impossible_counts_are_refused(won: int, lost: int, n: int) -> None:
    with pytest.raises(ValueError, match="no comparison"):
        PairedShares(won, lost, n)


def test_wins_ties_and_losses_are_worth_half_of_the_difference_of_the_shares() -> None:
    values = np.array([1.0] * 30 + [0.5] * 50 + [0.0] * 20)
    columns = {"level": Column(values, 0, 1, halves=True), "gap": Column(values - 0.5, -1, 1, halves=True)}

    found = estimates(columns, None).estimates

    level, gap, shares = found["level"], found["gap"], PairedShares(30, 20, 100)
    assert level is not None
    assert gap is not None
    assert (level.value, gap.value) == (0.55, 0.05)
    assert level.low(0.025) == pytest.approx(0.5 + shares.low(0.025) / 2)
    assert gap.high(0.025) == pytest.approx(shares.high(0.025) / 2)
    assert level.p_above(0.5) == gap.p_above(0) == shares.p_above(0)
    assert level.p_above(level.low(0.01)) == pytest.approx(0.01, abs=1e-6)
    assert (level.p_above(-1), level.p_below(2)) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))


def test_half_steps_of_another_score_are_no_ties() -> None:
    values = np.tile([1.0, 0.5, 0.0], 40)

    found = estimates({"f1": Column(values, 0, 1)}, None).estimates["f1"]

    assert found is not None
    assert "Tango" not in found.method
