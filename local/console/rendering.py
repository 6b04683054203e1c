"""Turns what the console knows into pages; everything is escaped unless it was made here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from local.console.account import ago, lasting
from local.console.journeys import lanes

_FOLDER: Final = Path(__file__).parent
STATIC: Final = {
    "console.css": ("text/css; charset=utf-8", (_FOLDER / "static" / "console.css").read_bytes()),
    "console.js": ("text/javascript; charset=utf-8", (_FOLDER / "static" / "console.js").read_bytes()),
}

# How a status is coloured; what is not named here is neutral.
_TONES: Final = {
    "good": {"SUCCEEDED", "Completed", "InService", "OK", "PROMOTE", "Approved", "approved", "released", "current"},
    "bad": {
        "FAILED",
        "TIMED_OUT",
        "ABORTED",
        "Failed",
        "ALARM",
        "REJECT",
        "Rejected",
        "rejected",
        "failed",
        "rolled_back",
        "MISSING",
    },
    "busy": {
        "RUNNING",
        "InProgress",
        "Creating",
        "Updating",
        "Deleting",
        "evaluating",
        "waiting",
        "deciding",
        "planned",
        "open",
    },
    "warn": {
        "WARNING",
        "INCONCLUSIVE",
        "INSUFFICIENT_DATA",
        "PendingManualApproval",
        "awaiting_approval",
        "awaiting_review",
        "expired",
        "Stopped",
        "Stopping",
        "RollingBack",
    },
}


def tone(status: object) -> str:
    """The class of a status: good, bad, busy, warn or plain."""
    return next((name for name, members in _TONES.items() if str(status) in members), "plain")


def words(name: object) -> str:
    """`PendingManualApproval`, `INSUFFICIENT_DATA`, `rolled_back` as people say it."""
    text = str(name)
    if text.isupper():
        return text.replace("_", " ").lower()
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in text)
    return spaced.replace("_", " ").strip()


def moment(value: datetime | str) -> Markup:
    """A time in UTC, exact for machines."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M:%S}")


def clock_time(value: datetime | str) -> Markup:
    """The time of day in UTC, with the day for those who point at it."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = at.astimezone(UTC)
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%H:%M:%S}")


def decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "tone": tone,
        "words": words,
        "moment": moment,
        "clock_time": clock_time,
        "decimal": decimal,
        "lasting": lasting,
    }
    environment.globals |= {"ago": ago, "lanes": lanes}
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
