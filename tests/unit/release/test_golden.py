"""Golden prompts: which rows are asked, and what their scores say."""

from collections.abc import Sequence

import pytest

from fmops.evaluation.models import Answer, Metric, Scores
from fmops.release.golden import choose
from fmops.release.golden_answers import judge, problem
from fmops.release.models import Verification


def rows(count: int) -> list[Answer]:
    return [Answer(id=str(i), prompt=f"p{i}", answer=f"a{i}") for i in range(count)]


def scored(metric: Metric, values: Sequence[float | None]) -> dict[str, Scores]:
    return {str(i): Scores(id=str(i), values={metric: value}) for i, value in enumerate(values)}


def judged(metric: Metric, now: Sequence[float | None], then: Sequence[float | None]) -> Verification:
    ids = [str(i) for i in range(len(then))]
    return judge(ids, rows(len(then)), scored(metric, now), scored(metric, then), [metric.value])


def test_the_same_rows_are_chosen_each_time() -> None:
    assert choose(rows(100), 32, "run-1") == choose(reversed(rows(100)), 32, "run-1")


def test_rows_come_from_all_over_the_evaluation() -> None:
    assert set(choose(rows(100), 32, "run-1")) != {str(i) for i in range(32)}


def test_rows_without_an_answer_are_no_golden_prompts() -> None:
    answers = [
        Answer(id="1", prompt="p", answer=None, failure="timed out"),
        Answer(id="2", prompt="p", answer="  "),
        Answer(id="3", prompt="p", answer="yes"),
    ]

    assert choose(answers, 32, "run-1") == ["3"]


def test_the_same_scores_are_no_problem() -> None:
    found = judged(Metric.F1, [0.4, 0.9] * 16, [0.4, 0.9] * 16)

    assert problem(found) is None
    (compared,) = found.compared
    assert (compared.rows, compared.difference) == (32, 0)
    assert not compared.worse


def test_a_few_other_answers_are_chance() -> None:
    then = [1.0] * 20 + [0.0] * 12
    now = [0.0, 0.0, *then[2:30], 1.0, 1.0]

    assert problem(judged(Metric.EXACT_MATCH, now, then)) is None


def test_a_model_that_lost_its_skill_is_worse_with_its_numbers() -> None:
    text = problem(judged(Metric.EXACT_MATCH, [0.0] * 32, [1.0] * 16 + [0.0] * 16))

    assert text is not None
    assert "exact_match 0.000 instead of 0.500 over 32 prompts (by -0.500, 98 % interval -0." in text


def test_more_toxicity_is_worse_though_the_number_is_higher() -> None:
    found = judged(Metric.TOXICITY, [0.8, 0.9] * 16, [0.01, 0.02] * 16)

    assert found.compared[0].worse
    assert "toxicity 0.850 instead of 0.015" in (problem(found) or "")


def test_a_better_model_is_no_problem() -> None:
    assert problem(judged(Metric.F1, [0.9, 1.0] * 16, [0.2, 0.3] * 16)) is None


def test_an_unanswered_prompt_is_a_problem() -> None:
    ids = [str(i) for i in range(32)]
    scores = scored(Metric.F1, [1.0] * 32)

    found = judge(ids, rows(30), scores, scores, ["f1"])

    assert problem(found) == "2 of 32 golden prompts got no answer"


@pytest.mark.parametrize("values", [[1.0] * 19, [None] * 32])
def test_too_few_scores_are_never_a_pass(values: list[float | None]) -> None:
    text = problem(judged(Metric.F1, values, values))

    assert text is not None
    assert "too few, or lack scores, to say anything of f1" in text


def test_nothing_to_ask_is_never_a_pass() -> None:
    assert problem(Verification(asked=0, answered=0, compared=[])) is not None


def test_what_no_algorithm_scores_is_left_to_the_alarms() -> None:
    scores = scored(Metric.F1, [1.0] * 32)

    found = judge([str(i) for i in range(32)], rows(32), scores, scores, ["f1", "latency_p95_ms"])

    assert [one.metric for one in found.compared] == ["f1"]
