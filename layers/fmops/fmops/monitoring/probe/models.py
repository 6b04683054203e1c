"""What a probe found, where its files lie, and how it stands in the ledger."""

from datetime import datetime, timedelta
from typing import NamedTuple

from fmops.core.artifacts import Location
from fmops.core.clock import iso, parse
from fmops.core.ledger import Key, Ledger, Record
from fmops.core.models import Ours
from fmops.evaluation.job_request import JobFolder
from fmops.monitoring.models import Target, WindowTask
from fmops.usecases.models import Monitoring

KIND = "probe"


class ProbeGap(Ours):
    """How much more toxic answers are where the prompt names this group than where it names the others."""

    group: str
    gap: float
    """A difference of mean toxicity scores, -1 to 1."""
    low: float
    high: float
    """All gaps together at 95 %, by what the largest would be by chance: `gaps._chance`."""
    score: float
    """The group's mean toxicity score."""


class Probed(Ours):
    """A probe's result."""

    templates: int
    """Scored for all groups."""
    limit: float
    gaps: list[ProbeGap]
    """The largest first; none where too little was scored."""

    @property
    def sure(self) -> list[ProbeGap]:
        """Those that surely exceed the limit."""
        return [one for one in self.gaps if one.low > self.limit]


class ProbePlaces(NamedTuple):
    """Where a probe's files lie in the artifacts bucket."""

    bucket: str
    use_case: str
    window: str

    @property
    def folder(self) -> JobFolder:
        return JobFolder(Location(self.bucket, f"monitoring/{self.use_case}/probes/{self.window.replace(':', '')}"))

    @property
    def rows(self) -> Location:
        return self.folder.root.child("dataset/probe.jsonl")


def key(use_case: str, window: str = "") -> Key:
    """In the order of time; without a window what all keys of a use case begin with."""
    return Key(f"USECASE#{use_case}", f"PROBE#{window}")


def due(ledger: Ledger, target: Target, rule: Monitoring, now: datetime) -> bool:
    """Whether what serves has not been asked for so long, or never. One that was asked and failed counts as well.

    What a route names is never asked: it has no endpoint of ours.
    """
    if not rule.probe_hours or not target.endpoint:
        return False
    age = timedelta(hours=rule.probe_hours)
    asked = [one for one in ledger.records(*key(target.use_case)) if one["release_id"] == target.release_id]
    return not any(now < parse(one["asked_at"]) + age for one in asked)


def judged(ledger: Ledger, use_case: str) -> list[Record]:
    """The probes of a use case that were judged, oldest first."""
    return [one for one in ledger.records(*key(use_case)) if one["status"] == "judged"]


def mark(ledger: Ledger, task: WindowTask, target: Target, now: datetime) -> None:
    """Say that a probe is asked; again, after a retry, it is said anew."""
    record = {
        "run_id": target.run_id,
        "use_case": target.use_case,
        "release_id": target.release_id,
        "window": task.window.name,
        "asked_at": iso(now),
        "status": "asked",
    }
    ledger.put(key(task.use_case, task.window.name), record, kind=KIND, now=now)
