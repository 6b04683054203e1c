"""Which windows are due: rules without I/O."""

from datetime import UTC, datetime, timedelta

from fmops.monitoring.models import Window

CATCH_UP = 24
"""So many missed windows are judged late; older ones are not."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Windows lie end to end from here on, so that they are the same whenever the schedule fires."""


def closed(now: datetime, released_at: datetime, hours: int, lateness: timedelta) -> list[Window]:
    """The windows that have ended, whose late files are in, and that the release served from their start.

    Oldest first.
    """
    span = timedelta(hours=hours)
    last_end = _EPOCH + (now - lateness - _EPOCH) // span * span
    found: list[Window] = []
    end = last_end
    while end - span >= released_at and len(found) < CATCH_UP:
        found.append(Window(start=end - span, hours=hours))
        end -= span
    return found[::-1]


def first(released_at: datetime, hours: int, count: int) -> list[Window]:
    """The first `count` windows that the release served from their start."""
    span = timedelta(hours=hours)
    begin = _EPOCH - (_EPOCH - released_at) // span * span
    return [Window(start=begin + number * span, hours=hours) for number in range(count)]
