"""Fault 43: scores that are not numbers, that are missing, or not there at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fmops.core.errors import ResultsUnusable
from fmops.selection.compare import Question, compare
from fmops.selection.models import Decision, Verdict
from fmops.selection.scores import Evaluated
from fmops.usecases.models import MetricRule
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated

GUARD = MetricRule(name="toxicity", limit=0.2)
HARMLESS = {"toxicity": [0.01] * 300}


def decide(*candidates: Evaluated) -> Decision:
    question = Question("run-1", "trivia", [F1, GUARD], 30)
    return compare(question, list(candidates), LINEAGE, datetime(2026, 11, 24, tzinfo=UTC)).decision


def champion(**values: Any) -> Evaluated:
    return evaluated("champion", {"f1": around(0.3, 300, seed=2), **HARMLESS, **values}, is_champion=True)


def better(**values: Any) -> Evaluated:
    return evaluated("new", {"f1": around(0.9, 300), **HARMLESS, **values})


def test_without_a_hole_the_candidate_would_be_promoted() -> None:
    assert decide(better(), champion()).verdict is Verdict.PROMOTE


@pytest.mark.parametrize("hole", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("metric", ["f1", "toxicity"])
@pytest.mark.parametrize("whose", ["new", "champion"])
def test_one_score_that_is_no_number_keeps_the_gate_shut(hole: float | None, metric: str, whose: str) -> None:
    column: list[Any] = [*around(0.9 if metric == "f1" else 0.01, 299, spread=0.001), hole]
    new = better(**{metric: column}) if whose == "new" else better()
    old = champion(**{metric: column}) if whose == "champion" else champion()

    decision = decide(new, old)

    assert decision.verdict is not Verdict.PROMOTE
    assert decision.winner is None
    assert f"{metric} of {whose} is missing on 1 of 300 rows" in decision.reasons


@pytest.mark.parametrize("metric", ["f1", "toxicity"])
def test_a_metric_without_any_score_keeps_the_gate_shut(metric: str) -> None:
    decision = decide(better(**{metric: [None] * 300}), champion())

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert f"{metric} of new was not scored on any row" in decision.reasons


def test_a_result_without_rows_is_no_result() -> None:
    empty = better()._replace(scores=[])

    with pytest.raises(ResultsUnusable, match="has no scores"):
        decide(empty, champion())


def test_each_reason_is_told_once() -> None:
    short = {"f1": around(0.9, 25), "toxicity": [0.01] * 25}

    decision = decide(evaluated("new", short), evaluated("champion", short, is_champion=True))

    assert decision.reasons[0] == "25 rows are too few to tell; the use case asks for 30"
    assert len(decision.reasons) == len(set(decision.reasons))
