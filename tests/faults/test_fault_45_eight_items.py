"""Fault 45: eight items, however clear they look."""

from datetime import UTC, datetime

import pytest

from fmops.selection.compare import Question, compare
from fmops.selection.models import Decision, Verdict
from fmops.usecases.models import MetricRule
from tests.unit.selection.conftest import F1, LINEAGE, evaluated

RIGHT, WRONG = [1.0] * 8, [0.0] * 8
LIMIT = MetricRule(name="f1", weight=1, limit=0.5)


def decide(rule: MetricRule, min_rows: int, *, champion: bool) -> Decision:
    candidates = [evaluated("new", {"f1": RIGHT})]
    if champion:
        candidates.append(evaluated("champion", {"f1": WRONG}, is_champion=True))
    question = Question("run-1", "trivia", [rule], min_rows)
    return compare(question, candidates, LINEAGE, datetime(2026, 11, 24, tzinfo=UTC)).decision


@pytest.mark.parametrize("champion", [True, False])
@pytest.mark.parametrize("min_rows", [30, 1])
def test_eight_items_never_tell_even_if_the_use_case_would_be_content_with_them(min_rows: int, champion: bool) -> None:
    decision = decide(F1 if champion else LIMIT, min_rows, champion=champion)

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.winner is None
    assert "8 rows are too few to tell" in decision.sentence
