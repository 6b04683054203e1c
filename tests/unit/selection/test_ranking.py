"""Priorities, hard limits, the Pareto front, and how sure a ranking is."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from fmops.selection.compare import Question, compare
from fmops.selection.models import CandidateResult, Check, Report, Verdict
from fmops.selection.ranking import front
from fmops.selection.scores import Evaluated
from fmops.usecases.metrics import COST, LATENCY
from fmops.usecases.models import MetricRule
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated

NOW = datetime(2026, 11, 24, 4, 18, tzinfo=UTC)
SPEED = MetricRule(name=LATENCY, weight=1, limit=2000)
PRICE = MetricRule(name=COST, weight=1, limit=10)


def judge(candidates: list[Evaluated], *rules: MetricRule, groups: Mapping[str, str] | None = None) -> Report:
    return compare(Question("run-1", "trivia", list(rules), 30, groups), candidates, LINEAGE, NOW)


def result(report: Report, candidate: str) -> CandidateResult:
    return next(found for found in report.candidates if found.id == candidate)


def answering_in(candidate: Evaluated, milliseconds: float) -> Evaluated:
    return candidate._replace(latencies={row.id: milliseconds + i for i, row in enumerate(candidate.scores)})


def test_a_cheap_candidate_leads_where_cost_weighs() -> None:
    dear = evaluated("dear", {"f1": around(0.8)}, cost_usd_per_1000=9.0)
    cheap = evaluated("cheap", {"f1": around(0.7, seed=2)}, cost_usd_per_1000=1.0)

    assert judge([dear, cheap], F1).candidates[0].id == "dear"
    assert judge([dear, cheap], F1, PRICE).candidates[0].id == "cheap"


def test_a_fast_candidate_leads_where_latency_weighs() -> None:
    slow = answering_in(evaluated("slow", {"f1": around(0.8)}), 1500)
    fast = answering_in(evaluated("fast", {"f1": around(0.7, seed=2)}), 100)

    report = judge([slow, fast], F1, SPEED)

    assert report.candidates[0].id == "fast"
    found = result(report, "slow").metrics[LATENCY]
    # The 95th percentile of 1,500 to 1,599 ms, not their mean.
    assert found.value == pytest.approx(1594, abs=1)
    assert found.high == 1599


def test_a_limit_on_latency_is_kept_by_the_95th_percentile() -> None:
    rules = MetricRule(name="f1", weight=1, limit=0.1), MetricRule(name=LATENCY, limit=1000)

    def verdict(milliseconds: float, rows: int = 100) -> Verdict:
        return judge([answering_in(evaluated("x", {"f1": around(0.6, rows)}), milliseconds)], *rules).decision.verdict

    assert [verdict(800), verdict(904), verdict(1200)] == [Verdict.PROMOTE, Verdict.INCONCLUSIVE, Verdict.REJECT]
    # So few answers say nothing of the slowest twentieth.
    assert verdict(800, rows=50) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("rule", [SPEED, PRICE])
def test_what_is_not_known_is_not_zero(rule: MetricRule) -> None:
    report = judge([evaluated("new", {"f1": around(0.9)})], F1, rule)

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert f"{rule.name} of new is unknown" in report.decision.reasons
    assert result(report, "new").utility is None
    assert result(report, "new").metrics[rule.name].value is None


def test_a_price_is_held_against_its_limit_without_doubt() -> None:
    rules = MetricRule(name="f1", weight=1, limit=0.1), MetricRule(name=COST, limit=5)

    def verdict(price: float) -> Verdict:
        return judge([evaluated("x", {"f1": around(0.6)}, cost_usd_per_1000=price)], *rules).decision.verdict

    assert [verdict(4.9), verdict(5), verdict(5.1)] == [Verdict.PROMOTE, Verdict.PROMOTE, Verdict.REJECT]


def test_a_dearer_model_is_worse_than_the_champion_by_more_than_the_margin() -> None:
    price = MetricRule(name=COST, limit=10, margin=0.1)
    new = evaluated("new", {"f1": around(0.8)}, cost_usd_per_1000=4.0)
    old = evaluated("old", {"f1": around(0.4, seed=2)}, is_champion=True, cost_usd_per_1000=2.5)

    report = judge([new, old], F1, price)

    assert report.decision.verdict is Verdict.REJECT
    assert f"{COST} is better than the champion's by -0.150" in report.decision.reasons[0]


def test_who_surely_breaks_a_hard_limit_does_not_lead() -> None:
    rules = F1, MetricRule(name="toxicity", limit=0.1)
    rude = evaluated("rude", {"f1": around(0.9), "toxicity": around(0.5)})
    polite = evaluated("polite", {"f1": around(0.5), "toxicity": around(0.02, spread=0.01)})

    report = judge([rude, polite], *rules)

    assert report.decision.leader == "polite"
    assert result(report, "rude").breaks == ["toxicity"]
    assert [found.rank for found in report.candidates] == [1, 2]


def test_dimensions_are_weighted_means_of_their_metrics() -> None:
    rules = F1, MetricRule(name="exact_match", weight=3), MetricRule(name="toxicity"), SPEED
    one = answering_in(evaluated("one", {"f1": [0.5] * 60, "exact_match": [1] * 60, "toxicity": [0.1] * 60}), 470.5)

    found = result(judge([one], *rules), "one").dimensions

    # (0.5 + 3 × 1) / 4; 1 - 0.1; 1 - 500 / 2000
    assert found == {
        "quality": pytest.approx(0.875),
        "toxicity": pytest.approx(0.9),
        "latency": pytest.approx(0.75),
    }


def test_the_front_holds_whom_nobody_beats_in_everything() -> None:
    points = {
        "good": {"quality": 0.9, "cost": 0.2},
        "cheap": {"quality": 0.5, "cost": 0.9},
        "between": {"quality": 0.7, "cost": 0.6},
        "beaten": {"quality": 0.6, "cost": 0.5},
        "twin": {"quality": 0.9, "cost": 0.2},
        "unpriced": {"quality": 0.1, "cost": None},
    }

    assert front(points) == {"good", "cheap", "between", "twin", "unpriced"}  # type: ignore[arg-type]


def test_how_often_a_candidate_comes_first_says_how_sure_the_ranking_is() -> None:
    clear = judge([evaluated("a", {"f1": around(0.7)}), evaluated("b", {"f1": around(0.3, seed=2)})], F1)
    close = judge([evaluated("a", {"f1": around(0.5)}), evaluated("b", {"f1": around(0.5, seed=2)})], F1)
    twins = judge([evaluated("a", {"f1": around(0.5)}), evaluated("b", {"f1": around(0.5)})], F1)

    assert result(clear, "a").comes_first == 1
    assert 0.05 < (result(close, "a").comes_first or 0) < 0.95
    assert [found.comes_first for found in twins.candidates] == [0.5, 0.5]
    assert sum(found.comes_first or 0 for found in close.candidates) == pytest.approx(1)


def test_rows_of_a_group_are_no_evidence_each_for_itself() -> None:
    """Ten rows of each document say the same: 400 rows are 40."""
    documents = {f"test-{i:04}": f"document-{i // 10}" for i in range(400)}
    base = around(0.5, 40, seed=1)
    # Better by 0.03 with a spread of 0.1: two standard errors for 40 independent rows would be 0.032.
    new = [value + (0.13 if i % 2 else -0.07) for i, value in enumerate(base)]
    pair = [
        evaluated("new", {"f1": [value for value in new for _ in range(10)]}),
        evaluated("old", {"f1": [value for value in base for _ in range(10)]}, is_champion=True),
    ]

    apart, together = judge(pair, F1), judge(pair, F1, groups=documents)

    assert (apart.decision.verdict, apart.groups) == (Verdict.PROMOTE, None)
    assert (together.decision.verdict, together.groups) == (Verdict.INCONCLUSIVE, 40)


def test_ten_groups_are_too_few_however_many_their_rows() -> None:
    groups = {f"test-{i:04}": f"document-{i % 10}" for i in range(400)}
    pair = [evaluated("new", {"f1": around(0.9, 400)}), evaluated("old", {"f1": around(0.1, 400)}, is_champion=True)]

    decision = judge(pair, F1, groups=groups).decision

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert all(check.check is not Check.FAILED for check in decision.checks)
    assert "10 groups" in " ".join(decision.reasons)


def test_a_leader_of_many_is_held_to_more_than_a_single_one() -> None:
    single = judge(
        [evaluated("new", {"f1": around(0.6)}), evaluated("old", {"f1": around(0.5, seed=2)}, is_champion=True)], F1
    )
    others = [evaluated(f"other-{seed}", {"f1": around(0.5, seed=seed)}) for seed in range(3, 9)]
    picked = judge(
        [
            *others,
            evaluated("new", {"f1": around(0.6)}),
            evaluated("old", {"f1": around(0.5, seed=2)}, is_champion=True),
        ],
        F1,
    )

    assert single.utility_difference is not None
    assert picked.utility_difference is not None
    assert single.utility_difference.confidence == pytest.approx(0.95)
    assert 0.98 < picked.utility_difference.confidence < 1 - 0.05 / 7 + 1e-6
    assert (picked.utility_difference.low or 0) < (single.utility_difference.low or 0)
    assert picked.challengers == 7
    assert "picking the best of 7" in picked.decision.reasons[-1]
