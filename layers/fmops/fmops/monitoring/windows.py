"""Which windows are due: rules without I/O."""

from datetime import datetime, timedelta

from fmops.monitoring.models import Window

CATCH_UP = 24
"""So many missed windows are judged late; older ones are not."""


def closed(now: datetime, released_at: datetime, hours: int, lateness: timedelta) -> list[Window]:
    """The windows that have ended, whose late files are in, and that the release served from their start; oldest first.

    Windows lie end to end from the start of 2020 on, so that they are the same whenever the schedule fires.
    """
    epoch = datetime(2020, 1, 1, tzinfo=now.tzinfo)
    span = timedelta(hours=hours)
    last_end = epoch + (now - lateness - epoch) // span * span
    found: list[Window] = []
    end = last_end
    while end - span >= released_at and len(found) < CATCH_UP:
        found.append(Window(start=end - span, hours=hours))
        end -= span
    return found[::-1]
