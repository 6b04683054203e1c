"""Targets, windows and baselines in the ledger."""

from datetime import datetime
from typing import Any

from fmops.core.clock import iso
from fmops.core.errors import Duplicate
from fmops.core.events import Emitter, MonitoringCompleted
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.monitoring.models import Judgement, Target, Window, WindowTask

KIND = "window"
_CHAMPION_KIND = "champion"


def targets(ledger: Ledger) -> list[Target]:
    """What serves today."""
    return [Target.model_validate(record) for record in ledger.of_kind(_CHAMPION_KIND)]


def target(ledger: Ledger, use_case: str) -> Target:
    """NotFound where nothing of the use case is released."""
    return Target.model_validate(ledger.require(Key(f"USECASE#{use_case}", "CHAMPION")))


def key(use_case: str, window: str) -> Key:
    return Key(f"USECASE#{use_case}", f"WINDOW#{window}")


def run_id(use_case: str, window: Window) -> str:
    """The id of the one execution that judges this window."""
    return f"watch-{short_hash(use_case, window.name, length=12)}"


def judged_before(ledger: Ledger, task: WindowTask, watched: Target, most: int) -> list[dict[str, Any]]:
    """The judged windows of the same release before this one, newest first; at most `most`."""
    found = [one for one in judged_windows(ledger, watched) if str(one["window"]) < task.window.name]
    return found[::-1][:most]


def before(ledger: Ledger, task: WindowTask) -> list[dict[str, Any]]:
    """All windows of the same release before this one, judged or not, newest first."""
    found = ledger.records(f"USECASE#{task.use_case}", "WINDOW#")
    release = next((one["release_id"] for one in found if one["window"] == task.window.name), None)
    return [one for one in found if one["release_id"] == release and str(one["window"]) < task.window.name][::-1]


def mark_toxicity(ledger: Ledger, task: WindowTask, why: str, now: datetime) -> None:
    """Say that a sample of the window's answers is being scored, and why."""
    ledger.change(key(task.use_case, task.window.name), {"toxicity_due": why}, now=now)


def judged_windows(ledger: Ledger, watched: Target) -> list[dict[str, Any]]:
    """All judged windows of a release, oldest first."""
    found = judged_of_any(ledger, watched.use_case)
    return [record for record in found if record.get("release_id") == watched.release_id]


def judged_of_any(ledger: Ledger, use_case: str) -> list[dict[str, Any]]:
    """All judged windows of a use case, whatever the release, oldest first."""
    found = ledger.records(f"USECASE#{use_case}", "WINDOW#")
    return [record for record in found if record.get("status") == "judged"]


def known(ledger: Ledger, use_case: str) -> set[str]:
    """The names of the windows that somebody claimed already."""
    return {str(record["window"]) for record in ledger.records(f"USECASE#{use_case}", "WINDOW#")}


def claim(ledger: Ledger, task: WindowTask, watched: Target, now: datetime) -> bool:
    """Take a window for its execution; False where another execution has it."""
    record = {
        "run_id": task.run_id,
        "use_case": task.use_case,
        "window": task.window.name,
        "start": iso(task.window.start),
        "hours": task.window_hours,
        "endpoint": watched.endpoint,
        "release_id": watched.release_id,
        "records": 0,
        "status": "open",
    }
    try:
        ledger.claim(key(task.use_case, task.window.name), task.execution_arn, record, kind=KIND, now=now)
    except Duplicate:
        return False
    return True


def judged(ledger: Ledger, emitter: Emitter, task: WindowTask, judgement: Judgement, now: datetime) -> None:
    """Write the judgement and announce it. Again, after a retry, it is written anew and announced once more."""
    place = key(task.use_case, task.window.name)
    event = MonitoringCompleted(
        run_id=task.run_id,
        use_case=task.use_case,
        window=task.window.name,
        records=judgement.records,
        verdict=judgement.verdict,
        holds=judgement.holds,
        unknown=judgement.unknown,
        reasons=judgement.reasons,
    )
    ledger.transition(place, ["open", "judged"], "judged", judgement.model_dump(mode="json"), now=now, emit=event)
    ledger.announce(place, emitter)
