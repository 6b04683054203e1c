"""Fault 44: a model is compared with itself; sampling gives it other answers, which are neither better nor worse."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from fmops.evaluation.models import Metric, Scores
from fmops.selection import ranking
from fmops.selection.compare import Question, compare
from fmops.selection.models import Verdict
from fmops.selection.scores import Evaluated
from fmops.statistics import choosing
from fmops.statistics.estimates import TAIL
from fmops.usecases.models import MetricRule
from tests.fakes.run import summary
from tests.unit.selection.conftest import LINEAGE

RUNS, ROWS = 1000, 60
RULES = [MetricRule(name="f1", weight=1, margin=0.1), MetricRule(name="exact_match", margin=0.1)]


@pytest.mark.slow
def test_it_is_wrongly_promoted_or_rejected_at_most_as_often_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # The chance within one run is small beside that of a thousand runs.
    monkeypatch.setattr(choosing, "_MOST_RESAMPLES", 1000)
    monkeypatch.setattr(ranking, "_RESAMPLES", 50)
    random = np.random.default_rng(44)

    verdicts = Counter(verdict(random) for _ in range(RUNS))

    assert verdicts[Verdict.PROMOTE] <= TAIL * RUNS
    assert verdicts[Verdict.REJECT] <= TAIL * RUNS


def verdict(random: np.random.Generator) -> Verdict:
    question = random.normal(size=ROWS)
    answers = [0.7 * question + 0.714 * random.normal(size=ROWS) for _ in range(2)]
    asked = Question("run-1", "trivia", RULES, 30)
    both = [evaluated("champion", answers[0]), evaluated("again", answers[1])]
    return compare(asked, both, LINEAGE, datetime(2026, 11, 24, tzinfo=UTC)).decision.verdict


def evaluated(name: str, good: np.ndarray) -> Evaluated:
    f1, exact = np.clip(0.5 + good / 3, 0, 1).tolist(), (good > 0).astype(float).tolist()
    scores = [
        Scores.model_construct(id=f"test-{i:04}", values={Metric.F1: f1[i], Metric.EXACT_MATCH: exact[i]})
        for i in range(ROWS)
    ]
    return Evaluated(name, "base", "m", "1.0.0", name == "champion", None, summary(name, scores), scores)
