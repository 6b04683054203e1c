"""A window is due when it has ended, its late files are in, and the release served from its start."""

from datetime import UTC, datetime, timedelta

from fmops.monitoring.windows import CATCH_UP, closed

RELEASED = datetime(2026, 11, 24, 5, 20, tzinfo=UTC)


def names(now: datetime, hours: int = 1, lateness: int = 5) -> list[str]:
    return [window.name for window in closed(now, RELEASED, hours, timedelta(minutes=lateness))]


def test_the_hour_of_the_release_is_no_whole_window() -> None:
    assert names(datetime(2026, 11, 24, 6, 59, tzinfo=UTC)) == []


def test_the_first_whole_hour_is_due_after_its_lateness() -> None:
    assert names(datetime(2026, 11, 24, 7, 4, tzinfo=UTC)) == []
    assert names(datetime(2026, 11, 24, 7, 5, tzinfo=UTC)) == ["2026-11-24T06:00Z"]


def test_missed_windows_are_due_too_oldest_first() -> None:
    assert names(datetime(2026, 11, 24, 9, 10, tzinfo=UTC)) == [
        "2026-11-24T06:00Z",
        "2026-11-24T07:00Z",
        "2026-11-24T08:00Z",
    ]


def test_not_more_than_a_day_is_caught_up() -> None:
    assert len(names(datetime(2026, 12, 24, 8, 10, tzinfo=UTC))) == CATCH_UP


def test_a_window_of_several_hours_names_them() -> None:
    (window,) = closed(datetime(2026, 11, 24, 12, 10, tzinfo=UTC), RELEASED, 6, timedelta())

    assert window.name == "2026-11-24T06:00Z+6h"
    assert window.prefixes[-1] == "2026/11/24/11/"
