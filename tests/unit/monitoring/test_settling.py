"""The first hours extend a baseline where the monitor found nothing in them, and only then."""

from datetime import UTC, datetime, timedelta

from fmops.monitoring.baseline import profile
from fmops.monitoring.models import Window
from fmops.monitoring.profile.model import together
from fmops.monitoring.reading.records import Record
from fmops.monitoring.settling import Decision, decide
from fmops.monitoring.windows import first

RELEASED = datetime(2026, 11, 24, 5, 20, tzinfo=UTC)
FIRST = first(RELEASED, 1, 4)
NAMES = [window.name for window in FIRST]
FINE = dict.fromkeys(NAMES, "OK")


def after(hours: int) -> Window:
    """A window that begins so many hours after the first ones' end."""
    return Window(start=FIRST[-1].end + timedelta(hours=hours), hours=1)


def test_the_first_windows_are_those_that_the_release_served_from_their_start() -> None:
    assert [f"2026-11-24T{hour:02}:00Z" for hour in (6, 7, 8, 9)] == NAMES
    assert first(datetime(2026, 11, 24, 6, tzinfo=UTC), 1, 1)[0].name == "2026-11-24T06:00Z"
    assert first(RELEASED, 24, 2)[1].name == "2026-11-26T00:00Z+24h"


def test_windows_that_were_fine_extend_it() -> None:
    assert decide(FIRST, FINE, after(0)) == Decision(NAMES, "")


def test_one_of_the_first_windows_settles_nothing() -> None:
    assert decide(FIRST, FINE, FIRST[-1]) is None


def test_one_alarm_keeps_the_evaluations() -> None:
    found = decide(FIRST, {**FINE, NAMES[2]: "ALARM"}, after(0))

    assert found == Decision([], f"1 of its first 4 windows alarmed, {NAMES[2]} first")


def test_what_warned_or_could_not_be_judged_is_left_out() -> None:
    found = decide(FIRST, {**FINE, NAMES[0]: "WARNING", NAMES[3]: "INSUFFICIENT_DATA"}, after(0))

    assert found == Decision(NAMES[1:3], "")


def test_nothing_fine_is_nothing_to_extend_it_by() -> None:
    found = decide(FIRST, dict.fromkeys(NAMES, "INSUFFICIENT_DATA"), after(0))

    assert found == Decision([], "none of its first 4 windows was OK")


def test_a_window_that_nobody_judged_is_waited_for_but_not_for_ever() -> None:
    some = dict.fromkeys(NAMES[:3], "OK")

    assert decide(FIRST, some, after(3)) is None
    assert decide(FIRST, some, after(4)) == Decision(NAMES[:3], "")


def test_an_extended_baseline_is_of_all_records_at_productions_rate() -> None:
    evaluated = profile([Record("a", "what is it", "a river")], None)
    seen = profile([Record("b", "and this", "a hill"), Record("c", "and that", "a lake")], None)
    seen.rate = 0.25

    both = together([evaluated, seen])

    assert (both.records, both.rate) == (3, 0.25)
    assert both.counts("answer_words").sum() == 3
    assert (evaluated.records, evaluated.rate) == (1, 0.0)
