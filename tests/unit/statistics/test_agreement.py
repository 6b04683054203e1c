"""Krippendorff's alpha against the worked examples of Krippendorff (2011), "Computing … alpha-reliability"."""

import pytest

from fmops.statistics.agreement import agreement


def units(*judges: str) -> list[list[str]]:
    """From a row of categories for each judge, `.` where one gave none, to the categories of each unit."""
    return [[given for given in unit if given != "."] for unit in zip(*judges, strict=True)]


@pytest.mark.parametrize(
    ("judges", "alpha"),
    [
        # A: two observers, two categories.
        (("0100000010", "1110010000"), 0.095),
        # B: two observers, many categories.
        (("aabbdcccedda", "babbbcccedd d".replace(" ", "")), 0.692),
        # C: many observers, missing judgements.
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
    ],
)
def test_alpha_equals_the_worked_examples(judges: tuple[str, ...], alpha: float) -> None:
    found = agreement(units(*judges)).alpha

    assert found == pytest.approx(alpha, abs=0.0005)


def test_the_share_of_pairs_that_agree_and_what_it_rests_on() -> None:
    found = agreement([["win", "win", "tie"], ["loss", "loss"], ["win"], []])

    # Of the three pairs on the first unit one agrees, and the one pair on the second.
    assert (found.share, found.units, found.judgements) == (0.5, 2, 5)


def test_perfect_agreement_on_different_units_is_one_and_systematic_disagreement_is_below_chance() -> None:
    assert agreement([["a", "a"], ["b", "b"]]).alpha == 1
    assert (agreement([["a", "b"], ["b", "a"]]).alpha or 0) < 0


def test_alpha_has_no_value_where_nothing_could_have_differed() -> None:
    assert agreement([["a", "a"], ["a", "a"]])[:2] == (None, 1.0)


def test_nothing_is_known_where_no_unit_was_judged_twice() -> None:
    assert agreement([["a"], ["b"]]) == (None, None, 0, 0)
