"""People's verdict in the comparison: on the rows of their sheet, beside scores of all rows."""

from typing import Any

import pytest

from fmops.core.clock import parse
from fmops.evaluation.reviews.models import Pair, PairResult
from fmops.selection.compare import Question, compare
from fmops.selection.models import Against, Check, Report, Verdict
from fmops.usecases.models import MetricRule
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated

NOW = parse("2026-11-24T00:00:00Z")
GUARD = MetricRule(name="human_win_rate", margin=0.1)
BETTER, SAME = {"f1": around(0.7)}, {"f1": around(0.4)}


def said(
    wins: int, losses: int, ties: int = 0, *, candidate: str = "new", rival: str = "old", lost: int = 0
) -> PairResult:
    values = [1.0] * wins + [-1.0] * losses + [0.0] * ties
    return PairResult(
        pair=Pair(candidate=candidate, rival=rival),
        sampled=len(values) + lost,
        asked=len(values) + lost,
        judged=len(values),
        same=0,
        wins=wins,
        losses=losses,
        both_good=ties,
        both_bad=0,
        scores={f"test-{n:04}": value for n, value in enumerate(values)},
    )


def judge(review: PairResult | None, *rules: MetricRule, champion: bool = True, fewest: int = 20) -> Report:
    old: dict[str, Any] = {"is_champion": True} if champion else {}
    new: dict[str, Any] = {} if champion else {"base": "old"}
    found = [evaluated("new", BETTER, review=review, **new), evaluated("old", SAME, **old)]
    question = Question("run-1", "trivia", [F1, *rules], 30, min_reviewed=fewest)
    return compare(question, found, LINEAGE, NOW)


def standing(report: Report, what: str) -> list[Check]:
    return [c.check for c in report.decision.checks if c.what == what and c.metric == "human_win_rate"]


def test_preferred_answers_pass_the_guard() -> None:
    report = judge(said(32, 4, 4), GUARD)

    assert report.decision.verdict is Verdict.PROMOTE
    gap = report.differences["human_win_rate"]
    assert (gap.value, gap.n, gap.method) == (pytest.approx(0.7), 40, "Tango's score interval")
    assert report.candidates[0].metrics["human_win_rate"].value == pytest.approx(34 / 40)


def test_answers_that_people_surely_like_less_are_rejected_whatever_the_scores_say() -> None:
    report = judge(said(4, 34, 2), GUARD)

    assert report.decision.verdict is Verdict.REJECT
    assert standing(report, "guard") == [Check.FAILED]


def test_people_who_can_not_tell_leave_it_open() -> None:
    report = judge(said(14, 14, 12), GUARD)

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert "people prefer new to old by +0.000" in report.decision.reasons[0]


@pytest.mark.parametrize("review", [None, said(0, 0, lost=40)], ids=["not asked", "no vote"])
def test_a_verdict_that_is_missing_never_passes(review: PairResult | None) -> None:
    report = judge(review, GUARD)

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert "people judged none of its answers" in " ".join(report.decision.reasons)


def test_fewer_votes_than_asked_for_never_pass() -> None:
    report = judge(said(24, 0, lost=16), GUARD, fewest=25)

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert standing(report, "completeness") == [Check.CANNOT_TELL]


def test_rows_that_nobody_judged_in_time_do_not_block() -> None:
    report = judge(said(24, 0, lost=16), GUARD)

    assert report.decision.verdict is Verdict.PROMOTE
    found = report.candidates[0].metrics["human_win_rate"]
    assert (found.n, found.missing) == (24, 16)


def test_people_guard_without_a_champion_too() -> None:
    report = judge(said(4, 34, 2), GUARD, champion=False)

    assert (report.decision.verdict, report.decision.against) == (Verdict.REJECT, Against.BASE)


def test_a_limit_is_held_against_the_win_rate() -> None:
    limit = MetricRule(name="human_win_rate", limit=0.6, margin=0.5)

    assert standing(judge(said(34, 4, 2), limit), "limit") == [Check.PASSED]
    assert standing(judge(said(10, 26, 4), limit), "limit") == [Check.FAILED]


def test_a_weight_ranks_on_the_judged_rows_with_the_other_at_one_half() -> None:
    weighted = MetricRule(name="human_win_rate", weight=1, margin=0.2)

    report = judge(said(30, 5, 5), weighted)

    assert report.utility_difference is not None
    assert report.utility_difference.n == 40
    new, old = report.candidates
    assert (new.id, old.metrics["human_win_rate"].n) == ("new", 0)
    whole = (sum(BETTER["f1"][:40]) / 40 + 32.5 / 40) / 2
    assert new.utility == pytest.approx(whole)
    assert old.utility == pytest.approx((sum(SAME["f1"][:40]) / 40 + 0.5) / 2)


def test_a_rule_that_only_guards_leaves_quality_to_the_others() -> None:
    report = judge(None, GUARD)

    assert all(candidate.dimensions["quality"] is not None for candidate in report.candidates)
