"""AWS' six-field cron: minutes, hours, day of month, month, day of week, year, with `?`, `L`, `W` and `#`."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
# AWS counts days of the week from Sunday = 1.
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


class CronError(ValueError):
    """Not a cron expression that AWS accepts."""


@dataclass(frozen=True)
class Cron:
    """A parsed expression; `is_day` decides on a date, the sets on the rest."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    is_day: Callable[[date], bool]

    def next_at_or_after(self, wall: datetime, last_year: int) -> datetime | None:
        """The first named minute at or after `wall` (a naive wall-clock time), None if none until `last_year`."""
        day = wall.date()
        while day.year <= min(last_year, 2199):
            if day.year not in self.years or day.month not in self.months:
                day = _first_of_next_month(day)
                continue
            if self.is_day(day):
                earliest = wall if day == wall.date() else datetime.combine(day, time())
                found = self._on(day, earliest)
                if found is not None:
                    return found
            day += timedelta(days=1)
        return None

    def _on(self, day: date, earliest: datetime) -> datetime | None:
        for hour in self.hours:
            for minute in self.minutes:
                candidate = datetime.combine(day, time(hour, minute))
                if candidate >= earliest:
                    return candidate
        return None


def parse_cron(text: str) -> Cron:
    """Parse the six fields. Raises CronError naming the field that is wrong."""
    fields = text.split()
    if len(fields) != 6:
        raise CronError(f"six fields are needed, not {len(fields)}")
    minutes, hours, day_of_month, month, day_of_week, year = fields
    if (day_of_month == "?") == (day_of_week == "?"):
        raise CronError("exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        minutes=tuple(sorted(_numbers("minutes", minutes, 0, 59))),
        hours=tuple(sorted(_numbers("hours", hours, 0, 23))),
        months=frozenset(_numbers("month", month, 1, 12, _MONTHS)),
        years=frozenset(_numbers("year", year, 1970, 2199)),
        is_day=_days_of_week(day_of_week) if day_of_month == "?" else _days_of_month(day_of_month),
    )


def _numbers(field: str, text: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    """The values of a field of lists, ranges and increments."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step_text = part.partition("/")
        step = _number(field, step_text, 1, high, None) if "/" in part else 1
        if span == "*":
            start, end = low, high
        elif "-" in span:
            first, _, last = span.partition("-")
            start, end = _number(field, first, low, high, names), _number(field, last, low, high, names)
        else:
            start = _number(field, span, low, high, names)
            # `10/15` means from 10 on, every 15.
            end = high if "/" in part else start
        if start <= end:
            found.update(range(start, end + 1, step))
        elif field != "year":
            # FRI-MON wraps around the week, 20-2 around midnight.
            size = high - low + 1
            found.update((value - low) % size + low for value in range(start, end + size + 1, step))
        else:
            raise CronError(f"{field}: the range {span} runs backwards")
    return found


def _number(field: str, text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    value = (names or {}).get(text.upper())
    if value is None:
        if not text.isascii() or not text.isdigit():
            raise CronError(f"{field}: {text!r} is not a value")
        value = int(text)
    if not low <= value <= high:
        raise CronError(f"{field}: {text} is not in {low}..{high}")
    return value


def _days_of_month(text: str) -> Callable[[date], bool]:
    if text == "L":
        return lambda day: day.day == _last_day(day)
    if text == "LW":
        return lambda day: day.day == _nearest_weekday(day, _last_day(day))
    if match := re.fullmatch(r"(\d{1,2})W", text):
        wanted = _number("day-of-month", match.group(1), 1, 31, None)
        return lambda day: wanted <= _last_day(day) and day.day == _nearest_weekday(day, wanted)
    days = _numbers("day-of-month", text, 1, 31)
    return lambda day: day.day in days


def _days_of_week(text: str) -> Callable[[date], bool]:
    if text == "L":
        return lambda day: _weekday(day) == 7
    if match := re.fullmatch(r"(\w+?)L", text):
        wanted = _number("day-of-week", match.group(1), 1, 7, _DAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > _last_day(day)
    if match := re.fullmatch(r"(\w+)#(\d)", text):
        wanted = _number("day-of-week", match.group(1), 1, 7, _DAYS)
        nth = _number("day-of-week", match.group(2), 1, 5, None)
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == nth
    days = _numbers("day-of-week", text, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> int:
    """The weekday of `day`'s month that is nearest to its day `wanted`; it never leaves the month."""
    weekday = date(day.year, day.month, wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:
        return wanted + 1 if wanted < _last_day(day) else wanted - 2
    return wanted


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
