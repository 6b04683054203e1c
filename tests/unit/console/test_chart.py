"""Charts: what lies where."""

import pytest

from local.console.chart import HEIGHT, WIDTH, Chart, Series, chart, number

HOUR = 3600.0
START = 1_800_000_000.0 - 1_800_000_000.0 % 86400
DAY = 24 * HOUR


def drawn(*series: Series, stacked: bool = False, lines: dict[str, float] | None = None) -> Chart:
    return chart("title", series, START, START + DAY, HOUR, stacked=stacked, lowest=0.0, lines=lines)


def test_time_goes_from_left_to_right_and_values_from_bottom_to_top() -> None:
    [line] = drawn(Series("a", {START: 0.0, START + DAY: 10.0})).series

    first, last = line.marks
    assert (first.x, last.x) == (44, WIDTH - 16)
    assert (first.y, last.y) == (HEIGHT - 22, 10)


def test_gap_interrupts_the_line() -> None:
    [line] = drawn(Series("a", {START: 1.0, START + HOUR: 2.0, START + 5 * HOUR: 3.0, START + 6 * HOUR: 1.0})).series

    assert [len(path.split()) for path in line.paths] == [2, 2]
    assert len(line.marks) == 4


def test_lone_value_is_a_mark_without_a_line() -> None:
    [line] = drawn(Series("a", {START: 1.0})).series

    assert (len(line.marks), line.paths) == (1, ())


def test_stacked_columns_stand_on_each_other() -> None:
    below, above = drawn(Series("a", {START: 2.0}), Series("b", {START: 1.0}), stacked=True).series

    [lower], [upper] = below.columns, above.columns
    assert upper.y + upper.height == pytest.approx(lower.y)
    assert lower.y + lower.height == HEIGHT - 22
    assert lower.height == pytest.approx(2 * upper.height, abs=0.2)


def test_scale_has_round_ticks_and_holds_the_limit_too() -> None:
    found = drawn(Series("a", {START: 0.13}), lines={"limit": 0.5})

    assert [label.text for label in found.y_labels] == ["0", "0.2", "0.4", "0.6"]
    assert [label.text for label in found.lines] == ["limit"]


def test_times_are_round() -> None:
    assert [label.text for label in drawn(Series("a", {START: 1.0})).x_labels] == [
        "00:00",
        "04:00",
        "08:00",
        "12:00",
        "16:00",
        "20:00",
        "00:00",
    ]


@pytest.mark.parametrize("values", [{}, {START: 0.0}, {START: -1.0, START + HOUR: -1.0}])
def test_flat_and_missing_values_have_a_scale_too(values: dict[float, float]) -> None:
    found = chart("title", [Series("a", values)], START, START + DAY, HOUR)

    assert len(found.y_labels) >= 2
    assert found.is_empty is (not values)


def test_summary_tells_the_newest_values() -> None:
    assert drawn(Series("a", {START: 1.0, START + HOUR: 2.5})).summary == "title. Latest values: a: 2.5"
    assert drawn(Series("a", {})).summary == "title. No data"


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0, "0"),
        (3.0, "3"),
        (0.25, "0.25"),
        (1234.0, "1234"),
        (4384.4, "4384"),
        (12_345.0, "12.35k"),
        (0.00012, "1e-04"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text
