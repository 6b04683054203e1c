"""The gate promotes what is surely better and good enough, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from fmops.core.errors import ComparisonRefused, ResultsUnusable
from fmops.selection.compare import Question, compare
from fmops.selection.gate import Claim, settle
from fmops.selection.models import Against, Check, Report, Verdict
from fmops.selection.scores import Evaluated
from fmops.statistics.estimates import TAIL
from fmops.usecases.models import MetricRule
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated

NOW = datetime(2026, 11, 24, 4, 18, tzinfo=UTC)


def judge(candidates: list[Evaluated], *rules: MetricRule, min_rows: int = 30) -> Report:
    return compare(Question("run-1", "trivia", list(rules) or [F1], min_rows), candidates, LINEAGE, NOW)


def champion(**values: Any) -> Evaluated:
    return evaluated("champion", values, is_champion=True)


def test_gate_promotes_a_candidate_that_is_surely_better_than_the_champion() -> None:
    report = judge([evaluated("new", {"f1": around(0.6)}), champion(f1=around(0.4, seed=2))])

    assert report.decision.verdict is Verdict.PROMOTE
    assert (report.decision.winner, report.decision.against) == ("new", Against.CHAMPION)
    assert report.utility_difference is not None
    assert report.utility_difference.low is not None
    assert report.utility_difference.low > 0


def test_gate_rejects_a_candidate_that_is_surely_worse_than_the_champion() -> None:
    report = judge([evaluated("new", {"f1": around(0.3)}), champion(f1=around(0.6, seed=2))])

    assert report.decision.verdict is Verdict.REJECT
    assert report.decision.winner is None


def test_gate_can_not_tell_equal_candidates_apart() -> None:
    report = judge([evaluated("new", {"f1": around(0.5)}), champion(f1=around(0.5, seed=2))])

    assert report.decision.verdict is Verdict.INCONCLUSIVE


def test_equal_answers_are_no_reason_to_promote_and_no_proof_against() -> None:
    values = around(0.5)

    decision = judge([evaluated("new", {"f1": values}), champion(f1=values)]).decision

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "100 rows show differences from 0.053 on" in decision.reasons[-1]


def test_equal_candidates_are_seldom_promoted() -> None:
    random = np.random.default_rng(3)
    promoted = 0
    for _ in range(40):
        pair = random.beta(1, 2, (2, 60))
        report = judge([evaluated("new", {"f1": pair[0]}), champion(f1=pair[1])])
        promoted += report.decision.verdict is Verdict.PROMOTE

    assert promoted <= 4


@pytest.mark.parametrize("hole", [None, float("nan"), float("inf")])
def test_gate_fails_when_a_score_is_missing(hole: float | None) -> None:
    values: list[Any] = around(0.9)
    values[7] = hole

    report = judge([evaluated("new", {"f1": values}), champion(f1=around(0.4, seed=2))])

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert report.decision.reasons == ["f1 of new is missing on 1 of 100 rows"]


def test_gate_fails_when_the_champion_has_no_scores_to_compare_with() -> None:
    report = judge([evaluated("new", {"f1": around(0.9)}), champion(f1=[None] * 100)])

    assert report.decision.verdict is Verdict.INCONCLUSIVE


def test_gate_fails_when_a_guarded_metric_was_not_scored_at_all() -> None:
    rules = F1, MetricRule(name="toxicity", limit=0.1)

    report = judge([evaluated("new", {"f1": around(0.9)}), champion(f1=around(0.4, seed=2))], *rules)

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert "toxicity of new was not scored on any row" in report.decision.reasons


def test_no_candidate_leads_when_none_was_scored() -> None:
    report = judge([evaluated("new", {"f1": [None] * 50}), evaluated("other", {"f1": [None] * 50})])

    assert (report.decision.verdict, report.decision.leader) == (Verdict.INCONCLUSIVE, None)
    assert report.decision.reasons == [
        "f1 of new was not scored on any row",
        "f1 of other was not scored on any row",
    ]


def test_eight_items_are_too_few_to_tell() -> None:
    report = judge([evaluated("new", {"f1": [1.0] * 8}), champion(f1=[0.0] * 8)])

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert "too few" in report.decision.sentence


def test_gate_keeps_a_metric_that_matters_from_getting_worse() -> None:
    rules = F1, MetricRule(name="toxicity", margin=0.02)
    new = evaluated("new", {"f1": around(0.8), "toxicity": around(0.3, spread=0.02)})
    old = champion(f1=around(0.4, seed=2), toxicity=around(0.1, spread=0.02, seed=3))

    report = judge([new, old], *rules)

    assert report.decision.verdict is Verdict.REJECT
    assert "toxicity" in report.decision.reasons[0]


def test_a_loss_within_the_margin_is_as_good() -> None:
    rules = F1, MetricRule(name="toxicity", margin=0.1)
    new = evaluated("new", {"f1": around(0.8), "toxicity": around(0.15, spread=0.02)})
    old = champion(f1=around(0.4, seed=2), toxicity=around(0.1, spread=0.02, seed=3))

    assert judge([new, old], *rules).decision.verdict is Verdict.PROMOTE


def test_fine_tuned_candidate_must_be_surely_better_than_its_untuned_base() -> None:
    base = evaluated("base", {"f1": around(0.1)})

    better = judge([base, evaluated("tuned", {"f1": around(0.5, seed=2)}, base="base")])
    unsure = judge([base, evaluated("tuned", {"f1": around(0.115, seed=2)}, base="base")])

    assert better.decision.sentence == (
        "Promote tuned: it is better than its untuned base base and keeps every limit. "
        "There is no champion to compare it with."
    )
    assert better.decision.against is Against.BASE
    assert unsure.decision.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("limit", "verdict"), [(0.5, Verdict.PROMOTE), (0.6, Verdict.INCONCLUSIVE), (0.7, Verdict.REJECT)]
)
def test_without_anything_to_compare_with_the_absolute_limits_decide(limit: float, verdict: Verdict) -> None:
    rule = MetricRule(name="f1", weight=1, limit=limit)

    assert judge([evaluated("only", {"f1": around(0.6)})], rule).decision.verdict is verdict


@pytest.mark.parametrize(
    ("limit", "verdict"), [(0.3, Verdict.PROMOTE), (0.2, Verdict.INCONCLUSIVE), (0.1, Verdict.REJECT)]
)
def test_a_limit_on_toxicity_is_the_most_that_is_allowed(limit: float, verdict: Verdict) -> None:
    rules = MetricRule(name="f1", weight=1, limit=0.2), MetricRule(name="toxicity", limit=limit)
    only = evaluated("only", {"f1": around(0.6), "toxicity": around(0.2, spread=0.05)})

    assert judge([only], *rules).decision.verdict is verdict


def test_without_champion_base_and_limit_nothing_can_be_told() -> None:
    report = judge([evaluated("only", {"f1": around(0.9)})])

    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert report.decision.checks[-1].check is Check.CANNOT_TELL
    assert "set a limit" in report.decision.sentence


def test_a_limit_that_only_guards_does_not_say_what_is_good_enough() -> None:
    only = evaluated("only", {"f1": around(0.1), "toxicity": around(0.01, spread=0.001)})

    report = judge([only], F1, MetricRule(name="toxicity", limit=0.5))

    assert report.decision.verdict is Verdict.INCONCLUSIVE


def test_ranking_follows_the_weights_and_turns_toxicity_round() -> None:
    rules = MetricRule(name="f1", weight=1), MetricRule(name="toxicity", weight=3, limit=1)
    clever = evaluated("clever", {"f1": around(0.8), "toxicity": around(0.5, seed=2)})
    polite = evaluated("polite", {"f1": around(0.6), "toxicity": around(0.1, seed=3)})

    report = judge([clever, polite], *rules)

    assert [(result.id, result.rank) for result in report.candidates] == [("polite", 1), ("clever", 2)]


def test_of_two_equal_candidates_the_untuned_one_leads() -> None:
    values = around(0.5)
    rule = MetricRule(name="f1", weight=1, limit=0.1)

    report = judge([evaluated("tuned", {"f1": values}, base="base"), evaluated("base", {"f1": values})], rule)

    assert report.decision.leader == "base"


def test_order_of_the_score_files_does_not_matter() -> None:
    new, old = evaluated("new", {"f1": around(0.6)}), champion(f1=around(0.4, seed=2))

    shuffled = judge([new._replace(scores=new.scores[::-1]), old])

    assert shuffled.utility_difference == judge([new, old]).utility_difference


def test_results_of_different_rows_are_refused() -> None:
    short = evaluated("new", {"f1": around(0.6, n=99)})

    with pytest.raises(ComparisonRefused, match="different rows"):
        judge([short, champion(f1=around(0.4))])


def test_results_that_were_made_in_different_ways_are_refused() -> None:
    new = evaluated("new", {"f1": around(0.6)})
    other = {**new.summary.fingerprints, "scorers": "sha256:other"}
    new = new._replace(summary=new.summary.model_copy(update={"fingerprints": other}))

    with pytest.raises(ComparisonRefused, match="differ in scorers"):
        judge([new, champion(f1=around(0.4))])


def test_a_row_that_is_scored_twice_is_refused() -> None:
    new = evaluated("new", {"f1": around(0.6)})

    with pytest.raises(ResultsUnusable, match="twice"):
        judge([new._replace(scores=[*new.scores, new.scores[0]])])


def test_fewer_scores_than_the_summary_says_are_refused() -> None:
    new = evaluated("new", {"f1": around(0.6)})

    with pytest.raises(ResultsUnusable, match="says that it has 100"):
        judge([new._replace(scores=new.scores[:-1])])


def test_report_is_the_same_each_time_it_is_made() -> None:
    candidates = [evaluated("new", {"f1": around(0.6)}), champion(f1=around(0.4, seed=2))]

    assert judge(candidates) == judge(candidates)


def test_two_prompts_on_the_same_data_may_be_compared() -> None:
    asked = evaluated("asked", {"f1": around(0.5)})
    other = {**asked.summary.fingerprints, "prompt_template": "sha256:other", "decoding": "sha256:other"}
    asked = asked._replace(summary=asked.summary.model_copy(update={"fingerprints": other}))

    assert len(judge([evaluated("plain", {"f1": around(0.5)}), asked]).candidates) == 2


def claim(p_met: float, p_broken: float) -> Claim:
    outcomes = {Check.PASSED: "kept", Check.FAILED: "broken", Check.CANNOT_TELL: "open"}
    return Claim("guard", "f1", "f1", outcomes, p_met, p_broken, TAIL)


def test_what_rejects_counts_all_conditions_and_what_promotes_is_asked_of_each() -> None:
    open_one = claim(0.5, 0.5)

    # Alone 0.01 is below 2.5 %; among three it is 3 × 0.01.
    assert [check.check for check in settle([claim(0.99, 0.01)])] == [Check.FAILED]
    assert settle([claim(0.99, 0.01), open_one, open_one])[0].check is Check.CANNOT_TELL
    assert settle([claim(0.99, 0.008), open_one, open_one])[0].check is Check.FAILED
    # All must pass, so each may at its own level.
    assert [check.check for check in settle([claim(0.02, 0.98)] * 3)] == [Check.PASSED] * 3


def test_every_difference_says_what_it_could_have_shown_and_by_what_method() -> None:
    rules = F1, MetricRule(name="exact_match"), MetricRule(name="toxicity")
    right = [float(i % 3 > 0) for i in range(250)]
    new = evaluated("new", {"f1": around(0.6, 250), "exact_match": right, "toxicity": around(0.02, 250, 0.01)})
    old = champion(f1=around(0.5, 250, seed=2), exact_match=right[::-1], toxicity=around(0.02, 250, 0.01, seed=3))

    report = judge([new, old], *rules)

    found = {**report.differences, "all": report.utility_difference}
    assert all(one is not None and one.detectable and one.detectable > 0 for one in found.values())
    methods = {name: one.method for name, one in report.differences.items()}
    assert methods == {
        "f1": "BCa bootstrap, Student's t: the widest",
        "exact_match": "Tango's score interval",
        "toxicity": "BCa bootstrap, Student's t, distribution-free bound (Gaffke): the widest",
    }
    assert report.candidates[0].metrics["exact_match"].method == "exact binomial interval (Clopper-Pearson)"
