"""What a judge says, and what follows from both orders."""

import pytest

from fmops.evaluation.judge.prompts import PROMPT_VERSION, Asked, fingerprint, fixed_bytes, pairwise, rubric
from fmops.evaluation.judge.verdicts import SCORES, Outcome, Preference, grade, graded, outcome, preference

ASKED = Asked("…", "VERDICT-AB12CD")
FIRST, SECOND, TIE = Preference.FIRST, Preference.SECOND, Preference.TIE


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("The first is right.\nVERDICT-AB12CD 1", FIRST),
        ("VERDICT-AB12CD 2\n\n", SECOND),
        ("**VERDICT-AB12CD tie**", TIE),
        ("`VERDICT-AB12CD: TIE`.", TIE),
        ("verdict-ab12cd 1", FIRST),
        ("VERDICT-AB12CD 1\nVERDICT-AB12CD 2", SECOND),
        # The code is not there, or not alone, or not last.
        ("1", None),
        ("VERDICT 1", None),
        ("VERDICT-AB12CE 1", None),
        ("VERDICT-AB12CD 1 or 2", None),
        ("VERDICT-AB12CD 3", None),
        ("VERDICT-AB12CD", None),
        ("VERDICT-AB12CD 1\nbut on second thought", None),
        ("I would say VERDICT-AB12CD 1", None),
        ("", None),
        (None, None),
    ],
)
def test_preference_is_read_from_the_last_line_alone(said: str | None, expected: Preference | None) -> None:
    assert preference(ASKED, said) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Good.\nVERDICT-AB12CD 4", 4),
        ("VERDICT-AB12CD 0", None),
        ("VERDICT-AB12CD 6", None),
        ("VERDICT-AB12CD 4.5", None),
        ("VERDICT-AB12CD tie", None),
        ("VERDICT-AB12CD ٤", None),
    ],
)
def test_grade_is_one_of_five(said: str, expected: int | None) -> None:
    assert grade(ASKED, said) == expected


def test_grades_are_scores_between_0_and_1() -> None:
    assert [graded(one) for one in (1, 2, 3, 4, 5)] == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("forward", "backward", "expected"),
    [
        (FIRST, SECOND, Outcome.WIN),
        (SECOND, FIRST, Outcome.LOSS),
        (TIE, TIE, Outcome.TIE),
        # It prefers a place.
        (FIRST, FIRST, Outcome.TIE),
        (SECOND, SECOND, Outcome.TIE),
        # It is not sure.
        (FIRST, TIE, Outcome.TIE),
        (TIE, FIRST, Outcome.TIE),
        (SECOND, TIE, Outcome.TIE),
        (TIE, SECOND, Outcome.TIE),
        # Half a verdict is none.
        (FIRST, None, None),
        (None, SECOND, None),
        (None, None, None),
    ],
)
def test_what_the_orders_disagree_about_is_a_tie(
    forward: Preference | None, backward: Preference | None, expected: Outcome | None
) -> None:
    assert outcome(forward, backward) is expected


def test_turning_the_pair_round_turns_the_score_round() -> None:
    for forward in Preference:
        for backward in Preference:
            one, other = outcome(forward, backward), outcome(backward, forward)
            assert one is not None
            assert other is not None
            assert SCORES[one] + SCORES[other] == 1


def test_the_words_change_only_with_their_version() -> None:
    known = {"1": "sha256:47d05b23b4158fc2c344086d618bd9472baa6bdf7b6d02b14454cd91aeb53f51"}

    assert fingerprint() == known[PROMPT_VERSION], "the words were changed: give them another version"


def test_no_prompt_is_longer_than_what_it_quotes_and_the_fixed_words() -> None:
    most = fixed_bytes("Which is right?")

    assert len(pairwise("Which is right?", "", "", "").prompt.encode()) <= most + 6
    assert len(rubric("Which is right?", "", "").prompt.encode()) <= most + 4
