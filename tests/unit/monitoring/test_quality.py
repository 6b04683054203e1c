"""Truths that come later: lines that are read or refused, scores as FMEval's, and means that alarm only when sure."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from fmops.monitoring.models import Window
from fmops.monitoring.quality.judging import judge_quality
from fmops.monitoring.quality.measuring import settled
from fmops.monitoring.quality.models import Quality
from fmops.monitoring.quality.scoring import SCORERS, score
from fmops.monitoring.quality.truths import Truths, UnreadableTruth, read
from fmops.usecases.watching import QUICK, Monitoring, TruthRule
from tests.fakes.run import use_case

SEEN = Quality(window="w", verdict="INSUFFICIENT_DATA")


def line(data: str, event_id: str = "e-1", encoding: str = "CSV") -> bytes:
    return json.dumps(
        {"groundTruthData": {"data": data, "encoding": encoding}, "eventMetadata": {"eventId": event_id}}
    ).encode()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (line("the nile"), "the nile"),
        (line('"the nile, in Egypt"'), "the nile, in Egypt"),
        (line("the nile, in Egypt"), "the nile, in Egypt"),
        (line('"the nile"', encoding="JSON"), "the nile"),
        (line("dGhlIG5pbGU=", encoding="BASE64"), "the nile"),
    ],
)
def test_truths_are_read_as_model_monitor_writes_them(given: bytes, text: str) -> None:
    assert read(given) == ("e-1", text)


@pytest.mark.parametrize(
    "given",
    [
        b"rubbish",
        b"[" * 5000,
        b"\xff\xfe",
        b"{}",
        line("", "e-1"),
        line("x", ""),
        line("x", encoding="PARQUET"),
        line("{}", encoding="JSON"),
        line("!", encoding="BASE64"),
        line("x" * 70_000),
    ],
)
def test_other_lines_are_unreadable(given: bytes) -> None:
    with pytest.raises(UnreadableTruth):
        read(given)


def test_last_truth_of_an_id_counts_and_only_another_one_is_a_correction() -> None:
    refused: list[bytes] = []
    truths = Truths(refused.append)

    truths.add([line("the nile"), b"", line("the nile"), line("the amazon", "e-2"), b"rubbish"])
    truths.add([line("the congo", "e-2")])

    assert truths.known == {"e-1": "the nile", "e-2": "the congo"}
    assert (truths.corrected, truths.unreadable, refused) == ({"e-2"}, 1, [b"rubbish"])


@pytest.mark.parametrize(
    ("metric", "answer", "truth", "expected"),
    [
        ("exact_match", " The Nile", "The Nile ", 1.0),
        ("exact_match", "the Nile", "The Nile", 0.0),
        ("quasi_exact_match", "the Nile!", "A nile", 1.0),
        ("quasi_exact_match", "anything", "The", None),
        # Said: river nile egypt; wanted: nile egypt.
        ("f1", "The river Nile, Egypt", "Nile (Egypt)", 0.8),
        ("precision_over_words", "The river Nile, Egypt", "Nile (Egypt)", 2 / 3),
        ("recall_over_words", "The river Nile, Egypt", "Nile (Egypt)", 1.0),
        ("f1", "", "Nile", 0.0),
        ("precision_over_words", "", "Nile", 0.0),
        ("f1", "anything", "the", None),
    ],
)
def test_scores_are_those_of_fmeval(metric: str, answer: str, truth: str, expected: float | None) -> None:
    assert SCORERS[metric](answer, truth) == (None if expected is None else pytest.approx(expected))


def test_best_of_several_right_answers_counts() -> None:
    assert score("f1", "the nile", "amazon<OR>Nile<OR>") == 1.0
    assert score("f1", "the nile", "the<OR> ") is None


def test_every_quick_metric_has_a_scorer() -> None:
    assert tuple(SCORERS) == QUICK


def judged(now: list[float], evaluated: list[float], **rule: Any) -> Quality:
    return judge_quality(SEEN, {"f1": now}, {"f1": evaluated}, Monitoring(truth=TruthRule(**rule)))


def test_surely_worse_answers_alarm_and_alike_ones_do_not() -> None:
    worse = judged([1.0] * 60 + [0.0] * 140, [1.0] * 240 + [0.0] * 60)
    alike = judged([1.0] * 150 + [0.0] * 50, [1.0] * 240 + [0.0] * 60)

    assert (worse.verdict, alike.verdict) == ("ALARM", "OK")
    assert worse.reasons[0].startswith("f1 0.300 [0.237, 0.369] of 200, evaluated 0.800 [")


def test_graded_scores_have_an_interval_too() -> None:
    chance = random.Random(3)  # noqa: S311 - a simulation
    found = judged(
        [chance.betavariate(2, 6) for _ in range(200)], [chance.betavariate(6, 2) for _ in range(200)]
    ).metrics["f1"]

    assert found.now is not None
    assert found.now.low < 0.25 < found.now.high
    assert found.worse


def test_too_few_truths_or_scores_of_the_evaluation_are_no_verdict() -> None:
    few, without = judged([0.0] * 29, [1.0] * 100), judged([0.0] * 100, [1.0] * 29)

    assert (few.verdict, without.verdict) == ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")
    assert not few.metrics["f1"].worse


def test_no_scores_at_all_are_no_verdict() -> None:
    assert judge_quality(SEEN, {"f1": []}, {}, Monitoring(truth=TruthRule())).verdict == "INSUFFICIENT_DATA"


def test_chance_alarms_no_oftener_than_the_budget() -> None:
    """Windows of 168 hours: the budget is one alarm in nearly thirteen."""
    rule = Monitoring(window_hours=168, truth=TruthRule(margin=0))
    chance = random.Random(5)  # noqa: S311 - a simulation

    def drawn(n: int) -> list[float]:
        return [float(chance.random() < 0.6) for _ in range(n)]

    found = [judge_quality(SEEN, {"f1": drawn(80)}, {"f1": drawn(120)}, rule) for _ in range(400)]

    assert sum(one.verdict == "ALARM" for one in found) / 400 <= 0.05


def test_a_window_is_scored_when_its_truths_are_no_longer_late() -> None:
    window = Window(start=datetime(2026, 11, 24, 6, tzinfo=UTC), hours=6)

    assert settled(window, 6).name == "2026-11-24T00:00Z+6h"
    assert settled(window, 7).name == "2026-11-23T18:00Z+6h"


def test_a_use_case_without_a_quick_metric_cannot_have_truths() -> None:
    with pytest.raises(ValueError, match=r"monitoring\.truth: answers are scored by"):
        use_case(metrics=[{"name": "bertscore", "weight": 1}], monitoring={"truth": {}})
