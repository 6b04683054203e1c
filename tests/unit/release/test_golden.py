"""Golden prompts: which are asked, and what counts as the same answer."""

import pytest

from fmops.evaluation.models import Answer
from fmops.release.golden import choose, judge, problem, same
from fmops.release.models import Golden

GOLDENS = [Golden(id=str(i), prompt=f"p{i}", answer=f"answer {i}") for i in range(4)]
ANSWERS = [answer.answer for answer in GOLDENS]


def rows(count: int) -> list[Answer]:
    return [Answer(id=str(i), prompt=f"p{i}", answer=f"a{i}") for i in range(count)]


def test_the_same_prompts_are_chosen_each_time() -> None:
    assert choose(rows(100), 8, "run-1") == choose(reversed(rows(100)), 8, "run-1")


def test_prompts_come_from_all_over_the_evaluation() -> None:
    assert {golden.id for golden in choose(rows(100), 8, "run-1")} != {str(i) for i in range(8)}


def test_rows_without_an_answer_are_no_golden_prompts() -> None:
    answers = [
        Answer(id="1", prompt="p", answer=None, failure="timed out"),
        Answer(id="2", prompt="p", answer="  "),
        Answer(id="3", prompt="p", answer="yes"),
    ]

    assert [golden.id for golden in choose(answers, 8, "run-1")] == ["3"]


@pytest.mark.parametrize(("one", "other"), [("Paris.", " paris. "), ("a\nb", "a b"), ("ﬁne", "fine")])
def test_case_space_and_spelling_of_characters_make_no_difference(one: str, other: str) -> None:
    assert same(one, other)


def test_other_words_make_a_difference() -> None:
    assert not same("Paris", "Lyon")


def test_all_answers_as_before_is_fine() -> None:
    assert problem(judge(GOLDENS, ANSWERS, greedy=True)) is None


def test_three_of_four_as_before_is_enough_and_two_are_not() -> None:
    assert problem(judge(GOLDENS, [*ANSWERS[:3], "other"], greedy=True)) is None
    found = problem(judge(GOLDENS, [*ANSWERS[:2], "other", "other"], greedy=True))
    assert found == "only 2 of 4 golden prompts were answered as in the evaluation; at least 75% must be"


def test_sampled_answers_need_not_be_the_same() -> None:
    assert problem(judge(GOLDENS, ["x", "y", "z", "w"], greedy=False)) is None


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_a_prompt_without_an_answer_fails_however_it_is_decoded(missing: str | None) -> None:
    assert problem(judge(GOLDENS, [*ANSWERS[:3], missing], greedy=False)) == "1 of 4 golden prompts got no answer"


def test_nothing_to_ask_is_no_success() -> None:
    assert problem(judge([], [], greedy=True)) is not None
