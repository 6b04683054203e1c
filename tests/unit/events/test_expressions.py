"""rate, cron and at: AWS' documented examples, time zones and daylight saving."""

from datetime import UTC, datetime

import pytest

from local.events.expressions import ExpressionError, parse
from local.events.ticker import due_until

START = datetime(2026, 11, 24, 4, 40, tzinfo=UTC).timestamp()  # a Tuesday


def upcoming(expression: str, count: int = 1, timezone: str = "UTC", start: float = START) -> list[str]:
    schedule = parse(expression, anchor=start, timezone=timezone)
    moments, at = [], start
    for _ in range(count):
        following = schedule.next_after(at)
        if following is None:
            break
        at = following
        moments.append(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M"))
    return moments


@pytest.mark.parametrize(
    "expression,expected",
    [
        ("cron(0 10 * * ? *)", ["2026-11-24 10:00", "2026-11-25 10:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-24 12:15", "2026-11-25 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-24 18:00", "2026-11-25 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-24 04:45", "2026-11-24 05:00"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2026-11-24 04:50", "2026-11-24 05:00"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-24 08:00", "2026-11-24 08:05"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", ["2026-11-24 20:00", "2026-11-24 20:30"]),
        ("cron(0 9 ? * 2#1 *)", ["2026-12-07 09:00", "2027-01-04 09:00"]),
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-11-27 10:15", "2026-12-25 10:15"]),
        ("cron(0 12 L * ? *)", ["2026-11-30 12:00", "2026-12-31 12:00"]),
        ("cron(0 12 ? * L *)", ["2026-11-28 12:00", "2026-12-05 12:00"]),
        ("cron(0 12 LW * ? *)", ["2026-11-30 12:00", "2026-12-31 12:00"]),
        ("cron(0 12 15W * ? *)", ["2026-12-15 12:00", "2027-01-15 12:00"]),
        ("cron(0 12 1W * ? *)", ["2026-12-01 12:00", "2027-01-01 12:00"]),
        ("cron(30 6 29 2 ? *)", ["2028-02-29 06:30", "2032-02-29 06:30"]),
        ("cron(0 0 ? JAN,JUL SUN *)", ["2027-01-03 00:00", "2027-01-10 00:00"]),
        ("cron(0 0 ? * FRI-MON *)", ["2026-11-27 00:00", "2026-11-28 00:00"]),
        ("rate(5 minutes)", ["2026-11-24 04:45", "2026-11-24 04:50"]),
        ("rate(1 hour)", ["2026-11-24 05:40", "2026-11-24 06:40"]),
        ("rate(10 days)", ["2026-12-04 04:40", "2026-12-14 04:40"]),
        ("at(2026-11-30T13:00:00)", ["2026-11-30 13:00"]),
        ("at(2020-01-01T00:00:00)", []),
    ],
)
def test_schedule_fires_at_documented_times(expression: str, expected: list[str]) -> None:
    assert upcoming(expression, 2) == expected


def test_range_of_hours_wraps_around_midnight() -> None:
    evening = datetime(2026, 11, 24, 23, 15, tzinfo=UTC).timestamp()

    assert upcoming("cron(0/30 20-2 ? * MON-FRI *)", 2, start=evening) == ["2026-11-24 23:30", "2026-11-25 00:00"]


def test_cron_keeps_the_wall_clock_of_its_time_zone() -> None:
    before = datetime(2026, 3, 27, 12, tzinfo=UTC).timestamp()

    # Daylight saving begins in Berlin on 29 March 2026.
    assert upcoming("cron(0 9 * * ? *)", 3, "Europe/Berlin", before) == [
        "2026-03-28 08:00",
        "2026-03-29 07:00",
        "2026-03-30 07:00",
    ]


def test_cron_skips_the_hour_that_daylight_saving_skips() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp()

    assert upcoming("cron(30 2 * * ? *)", 1, "Europe/Berlin", before) == ["2026-03-30 00:30"]


def test_cron_fires_once_in_the_hour_that_comes_twice() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp()

    assert upcoming("cron(30 2 * * ? *)", 2, "Europe/Berlin", before) == ["2026-10-25 00:30", "2026-10-26 01:30"]


def test_at_is_read_in_its_time_zone() -> None:
    assert upcoming("at(2026-11-30T13:00:00)", 1, "America/New_York") == ["2026-11-30 18:00"]


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "rate(5minutes)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 ? * XYZ *)",
        "cron(0 10 ? * 2#6 *)",
        "at(2026-13-01T00:00:00)",
        "at(2026-11-30)",
        "every hour",
    ],
)
def test_expression_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        parse(expression, anchor=START)


def test_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Nowhere"):
        parse("rate(1 hour)", anchor=START, timezone="Nowhere/Land")


def test_each_missed_occurrence_is_due() -> None:
    schedule = parse("rate(1 hour)", anchor=START)

    due = due_until(schedule.next_after, START + 3600, START + 3 * 3600)

    assert due.times == [START + 3600, START + 7200, START + 10800]
    assert due.next_at == START + 4 * 3600


def test_catching_up_is_bounded_to_the_newest() -> None:
    schedule = parse("rate(1 minute)", anchor=START)

    due = due_until(schedule.next_after, START + 60, START + 600, most=3)

    assert due.times == [START + 480, START + 540, START + 600]
    assert due.skipped == 7
