"""An estimate is what earlier runs used of their worst case, and is measured against what came."""

import pytest

from fmops.evaluation.planning.estimates import Past, estimate


def test_without_an_earlier_run_only_the_worst_case_is_known() -> None:
    found = estimate(12.0, [])

    assert (found.worst_usd, found.likely_usd, found.runs, found.typical_ratio) == (12.0, None, 0, None)


def test_likely_cost_is_the_median_share_of_the_worst_case() -> None:
    past = [Past("a", 10, 1), Past("b", 10, 2), Past("c", 20, 8)]

    assert estimate(30, past).likely_usd == pytest.approx(6)


def test_each_run_is_held_against_what_was_known_before_it() -> None:
    # Shares 0.1, 0.2, 0.4: b was estimated at 1 and cost 2; c at 20 × 0.15 = 3 and cost 8.
    found = estimate(30, [Past("a", 10, 1), Past("b", 10, 2), Past("c", 20, 8)])

    assert found.ratios == [2.0, pytest.approx(2.6667)]
    assert found.typical_ratio == pytest.approx(2.333)


def test_runs_that_could_cost_nothing_teach_nothing() -> None:
    assert estimate(5, [Past("a", 0, 0)]).runs == 0
