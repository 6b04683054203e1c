"""How people are told of what needs them: the part of the use-case document that says so."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from fmops.core.models import Ours
from fmops.usecases.approvals import Email

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class MuteWindow(Ours):
    """Hours in which nobody is mailed, in UTC. What happened in them is told at their end, if it is still so."""

    days: list[Day] = Field(default_factory=lambda: list(_WEEK), min_length=1)
    """The days on which it begins."""
    start: TimeOfDay
    end: TimeOfDay
    """At or before the start: on the next day."""
    alarms: bool = False
    """Whether alarms wait as well."""

    def holds(self, now: datetime) -> bool:
        """Whether it is now."""
        moment = now.astimezone(UTC)
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        for begun in (moment.date(), moment.date() - timedelta(days=1)):
            if _WEEK[begun.weekday()] in self.days:
                opens = datetime.combine(begun, start, UTC)
                closes = datetime.combine(begun + timedelta(days=end <= start), end, UTC)
                if opens <= moment < closes:
                    return True
        return False


class Alerting(Ours):
    """Who is told when, and when nobody is."""

    cool_down_hours: int = Field(default=24, ge=1, le=720)
    """What lasts is told again at most once in this time; at once where it gets worse."""
    calm_windows: int = Field(default=2, ge=1, le=48)
    """So many windows in a row without it, and what lasted has recovered."""
    escalate_to: list[Email] = Field(default_factory=list, max_length=20)
    """A second list, told of an alarm that nobody acknowledged."""
    escalate_after_minutes: int = Field(default=60, ge=5, le=10_080)
    mute: list[MuteWindow] = Field(default_factory=list, max_length=20)

    @field_validator("escalate_to")
    @classmethod
    def _are_different(cls, addresses: list[str]) -> list[str]:
        lower = [address.lower() for address in addresses]
        if len(set(lower)) < len(lower):
            raise ValueError("an address is named twice")
        return addresses

    def mutes(self, now: datetime, *, alarm: bool) -> bool:
        """Whether an alarm, or anything less, waits now."""
        return any(window.holds(now) and (window.alarms or not alarm) for window in self.mute)
