"""When schedules fire: rate(), cron() and at() as EventBridge and its Scheduler define them."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local.events.cron import Cron, CronError, parse_cron

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_SEARCH_YEARS = 30


class ExpressionError(ValueError):
    """A schedule expression that AWS would refuse."""


class Schedule(ABC):
    """A series of moments."""

    @abstractmethod
    def next_after(self, moment: float) -> float | None:
        """The first occurrence strictly after `moment` (epoch seconds), None when there is none any more."""


@dataclass(frozen=True)
class Rate(Schedule):
    """Every `seconds`, counted from `anchor` (the schedule's creation or start date), the anchor included."""

    seconds: int
    anchor: float

    def next_after(self, moment: float) -> float:
        if moment < self.anchor:
            return self.anchor
        return self.anchor + self.seconds * (int((moment - self.anchor) // self.seconds) + 1)


@dataclass(frozen=True)
class Once(Schedule):
    """One moment."""

    at: float

    def next_after(self, moment: float) -> float | None:
        return self.at if moment < self.at else None


@dataclass(frozen=True)
class CronSchedule(Schedule):
    """The minutes that a cron expression names, on the wall clock of a time zone."""

    cron: Cron
    zone: ZoneInfo

    def next_after(self, moment: float) -> float | None:
        wall = datetime.fromtimestamp(moment, self.zone).replace(tzinfo=None, second=0, microsecond=0)
        last_year = wall.year + _SEARCH_YEARS
        # One minute back: when the clocks go back, the wall minute of `moment` comes a second time.
        candidate = self.cron.next_at_or_after(wall, last_year)
        while candidate is not None:
            instant = _instant(candidate, self.zone)
            if instant is not None and instant > moment:
                return instant
            candidate = self.cron.next_at_or_after(candidate + timedelta(minutes=1), last_year)
        return None


def _instant(wall: datetime, zone: ZoneInfo) -> float | None:
    """The moment at which `wall` is first on the clock there; None in the hour that daylight saving skips."""
    local = wall.replace(tzinfo=zone)
    back = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return local.timestamp() if back == wall else None


def parse(expression: str, *, anchor: float, timezone: str = "UTC", one_time: bool = True) -> Schedule:
    """The schedule that `expression` means. Raises ExpressionError for what AWS refuses.

    `anchor` is where rates start to count; `one_time` says whether at() is allowed (Scheduler, not rules).
    """
    zone = _zone(timezone)
    if match := _RATE.fullmatch(expression):
        value, unit = int(match.group(1)), match.group(2)
        if value < 1 or (value == 1) == unit.endswith("s"):
            raise ExpressionError(f"Invalid rate: {expression}; one takes the singular unit, more take the plural.")
        return Rate(value * _SECONDS[unit.rstrip("s")], anchor)
    if one_time and (match := _AT.fullmatch(expression)):
        try:
            wall = datetime.fromisoformat(match.group(1))
        except ValueError as error:
            raise ExpressionError(f"Invalid date: {expression}") from error
        return Once(wall.replace(tzinfo=zone).timestamp())
    if expression.startswith("cron(") and expression.endswith(")"):
        try:
            return CronSchedule(parse_cron(expression[5:-1]), zone)
        except CronError as error:
            raise ExpressionError(f"Invalid cron expression {expression}: {error}") from error
    raise ExpressionError(f"Invalid schedule expression: {expression}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ExpressionError(f"Invalid time zone: {name}") from error
