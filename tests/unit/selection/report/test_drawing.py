"""Where points lie, which of them are on the front, and what a scale's numbers are."""

import pytest

from fmops.selection.report.drawing import Mark, Scale, front, interval, scale


def test_scale_holds_all_values_and_zero() -> None:
    at = scale([0.2, 0.4, None])

    assert at.low == 0
    assert 0.4 < at.high < 0.5
    assert at.at(0.4) > at.at(0.2) > at.at(0) == 2


@pytest.mark.parametrize(("low", "high", "ticks"), [(-0.05, 0.11, [-0.05, 0, 0.05, 0.1]), (0, 1000, [0, 500, 1000])])
def test_ticks_are_round_numbers_within_the_scale(low: float, high: float, ticks: list[float]) -> None:
    assert Scale(low, high).ticks() == ticks


def test_scale_of_nothing_can_be_drawn() -> None:
    assert scale([]).at(0.5) == 50
    assert scale([None], around_zero=True).at(0) == 50


def test_front_is_whoever_no_other_beats_in_both() -> None:
    points = [(1.0, 0.5), (2.0, 0.9), (2.0, 0.4), (1.0, 0.5), (3.0, 0.9)]

    assert front(points) == [True, True, False, True, False]


def test_end_that_is_not_known_is_drawn_open_to_the_edge() -> None:
    drawn = interval(Scale(0, 1), 0.5, 0.25, None, [Mark(0, "zero")], "plain", "F1")

    assert 'x1="26.0%" x2="100%"' in drawn
    assert drawn.count('class="span"') == 2
