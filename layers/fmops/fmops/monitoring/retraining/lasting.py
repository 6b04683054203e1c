"""Which drift lasts, and whether labels are to be asked for: rules without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fmops.core.clock import parse
from fmops.core.ids import short_hash
from fmops.datasets.labelling import LabelRequest
from fmops.monitoring.models import Finding
from fmops.usecases.retraining import Retraining


class Lasting(NamedTuple):
    """A drift from its first window on."""

    release_id: str
    windows: Sequence[str]
    """Those that showed it, oldest first."""
    features: Sequence[str]
    """What moved in the last of them, the most important first."""

    @property
    def since(self) -> str:
        return self.windows[0]

    @property
    def request_id(self) -> str:
        """The same for the same cause, however long it lasts."""
        return f"drift-{short_hash(self.release_id, self.since, length=12)}"


def lasting(judged: Iterable[Mapping[str, Any]], calm_windows: int) -> Lasting | None:
    """The drift that has not recovered, by the judged windows of a release, oldest first; None where there is none.

    As with alerts it has recovered after so many calm windows in a row; one that could not be judged says nothing.
    """
    shown: list[str] = []
    features: list[str] = []
    release, calm = "", 0
    for window in judged:
        moved = _moved(window)
        if moved:
            shown.append(str(window["window"]))
            features, release, calm = moved, str(window["release_id"]), 0
        elif window["verdict"] != "INSUFFICIENT_DATA":
            calm += 1
            if calm >= calm_windows:
                shown = []
    return Lasting(release, shown, features) if shown else None


def waits(found: Lasting | None, asked: Sequence[LabelRequest], rule: Retraining, now: datetime) -> str:
    """Why no labels are asked for; empty where they are. `asked` are the earlier requests of the use case."""
    if rule.mode == "off":
        return "retraining is off"
    if found is None:
        return "no drift lasts"
    if any(one.request_id == found.request_id for one in asked):
        return "labels were asked for because of this drift"
    if len(found.windows) < rule.lasting_windows:
        return f"it was seen in {len(found.windows)} windows; {rule.lasting_windows} are needed"
    last = max((parse(one.asked_at) for one in asked), default=None)
    if last is not None and now < last + timedelta(days=rule.cool_down_days):
        return f"labels were asked for less than {rule.cool_down_days} days ago"
    return ""


def _moved(window: Mapping[str, Any]) -> list[str]:
    drift = {name: Finding.model_validate(one) for name, one in (window.get("drift") or {}).items()}
    sure = [name for name, one in drift.items() if one.sure]
    return sorted(sure, key=lambda name: (-drift[name].size / drift[name].limit, name))
