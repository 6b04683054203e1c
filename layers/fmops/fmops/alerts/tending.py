"""What people want done about alerts: acknowledge one, mute a use case for a while, hear of it again."""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field, ValidationError

from fmops.alerts import records
from fmops.alerts.raising import Desk
from fmops.alerts.records import Mute
from fmops.core.clock import iso
from fmops.core.errors import BadInput
from fmops.core.models import Ours

LONGEST_MUTE_HOURS = 168


class Acknowledge(Ours):
    do: Literal["acknowledge"]
    alert_id: str = Field(pattern=r"^alert-[0-9a-f]{12}$")
    by: str = Field(min_length=1, max_length=100)


class MuteFor(Ours):
    do: Literal["mute"]
    use_case: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    hours: float = Field(ge=0, le=LONGEST_MUTE_HOURS)
    """0 unmutes."""
    reason: str = Field(min_length=1, max_length=200)
    by: str = Field(min_length=1, max_length=100)


class _Wanted(Ours):
    wanted: Acknowledge | MuteFor = Field(discriminator="do")


def tend(desk: Desk, wanted: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Do what is wanted; how it stands then. BadInput where it is written wrong, NotFound for an unknown alert."""
    try:
        action = _Wanted.model_validate({"wanted": wanted}).wanted
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadInput(f"{'.'.join(str(part) for part in fault['loc'][2:])}: {fault['msg']}") from error
    if isinstance(action, Acknowledge):
        episode = desk.acknowledge(action.alert_id, action.by, now)
        return {"alert_id": action.alert_id, "status": episode.status.value, "by": episode.acknowledged_by}
    until = now + timedelta(hours=action.hours)
    records.mute(desk.ledger, Mute(use_case=action.use_case, until=until, reason=action.reason, by=action.by), now)
    return {"use_case": action.use_case, "muted_until": iso(until)}
