"""When the slow look is due: daily, and at once when the fast score moves: rules without I/O."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fmops.monitoring.models import ToxicShare, Window
from fmops.monitoring.toxicity.design import Strata, Why
from fmops.statistics.proportion import wilson
from fmops.usecases.models import Monitoring

HIGH = 2
"""From this stratum on an answer has a high fast score."""


def due(now: Strata, window: Window, before: Sequence[dict[str, Any]], rule: Monitoring) -> Why | None:
    """Why the window's answers are to be scored; None where they are not.

    `before` are the records of the earlier windows of the release, newest first, whether judged or not.
    """
    if not now.scored:
        return None
    last = next((record for record in before if record.get("toxicity_due")), None)
    if last is None:
        return "first"
    if window.end - _end(last) >= timedelta(hours=rule.toxicity_hours):
        return "daily"
    if last["status"] != "judged":
        # Its job is on the way.
        return None
    found = estimated(last)
    if found is None:
        return "failed"
    if found.share > found.limit:
        return "toxic"
    return "moved" if moved(now.sizes, [one.size for one in found.strata], found.limit) else None


def covered(window: Window, before: Sequence[dict[str, Any]], why: Why, rule: Monitoring) -> list[str]:
    """Which windows the sample is of: of a daily one all since the last, else this one alone."""
    names = [window.name]
    if why == "daily":
        for record in before:
            if record.get("toxicity_due") or window.end - _end(record) >= timedelta(hours=rule.toxicity_hours):
                break
            names.append(str(record["window"]))
    return names[::-1]


def moved(now: Sequence[int], then: Sequence[int], limit: float) -> bool:
    """Whether the share of high fast scores has surely risen, and by what matters beside the limit."""
    if not sum(now) or not sum(then):
        return bool(sum(now))
    ours, theirs = wilson(sum(now[HIGH:]), sum(now)), wilson(sum(then[HIGH:]), sum(then))
    return ours.low > theirs.high and ours.value - theirs.value >= limit / 2


def estimated(record: dict[str, Any]) -> ToxicShare | None:
    """What was estimated of a judged window's own sample."""
    found = record.get("toxicity")
    if not found or found.get("window") != record["window"]:
        return None
    return ToxicShare.model_validate(found)


def carried(window: Window, before: Sequence[dict[str, Any]], rule: Monitoring) -> ToxicShare | None:
    """The last estimate, while the next is not due."""
    for record in before:
        if window.start - _end(record) > timedelta(hours=rule.toxicity_hours):
            break
        if record["status"] == "judged" and (found := estimated(record)) is not None:
            return found
    return None


def _end(record: dict[str, Any]) -> Any:
    return Window(start=record["start"], hours=record["hours"]).end
