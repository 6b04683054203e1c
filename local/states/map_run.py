"""A Map Run: the record of a distributed map and of its child executions."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.states.execution import Execution

_COUNTED = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
    "RUNNING": "running",
}


@dataclass
class Child:
    """One child execution and how many items it has."""

    text: str
    items: int
    execution: "Execution | None" = None
    waits: bool = False
    """Whether it has not been started, or not again after a redrive."""

    @property
    def status(self) -> str:
        return "PENDING" if self.waits or self.execution is None else self.execution.status


@dataclass
class MapRun:
    """Belongs to one distributed Map state of one execution; a redrive keeps it."""

    parent: "Execution"
    label: str
    started: datetime
    max_concurrency: int
    tolerated_percentage: float
    tolerated_count: int
    children: list[Child] = field(default_factory=list)
    read: bool = False
    """Whether the items have been read."""
    status: str = "RUNNING"
    stopped: datetime | None = None
    redrive_count: int = 0
    redriven: datetime | None = None
    written: int = 0
    number: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        return f"{self._prefix}:mapRun:{self.parent.machine.name}/{self.label}:{self.number}"

    @property
    def child_machine_arn(self) -> str:
        return f"{self.parent.machine.arn}/{self.label}"

    @property
    def _prefix(self) -> str:
        return self.parent.machine.arn.rsplit(":stateMachine:", 1)[0]

    def child_arn(self, name: str, *, express: bool) -> str:
        kind = "express" if express else "execution"
        suffix = f":{uuid.uuid4()}" if express else ""
        return f"{self._prefix}:{kind}:{self.parent.machine.name}/{self.label}:{name}{suffix}"

    @property
    def executions(self) -> "list[Execution]":
        return [child.execution for child in self.children if child.execution]

    @property
    def failed_items(self) -> int:
        return sum(child.items for child in self.children if child.status in ("FAILED", "TIMED_OUT", "ABORTED"))

    @property
    def total_items(self) -> int:
        return sum(child.items for child in self.children)

    def is_above_tolerance(self) -> bool:
        """Without any tolerance a single failed item is too many; with both, either may be breached."""
        failed, total = self.failed_items, self.total_items
        if not failed:
            return False
        if not self.tolerated_count and not self.tolerated_percentage:
            return True
        above_count = bool(self.tolerated_count) and failed > self.tolerated_count
        above_share = bool(self.tolerated_percentage) and failed * 100 / total > self.tolerated_percentage
        return above_count or above_share

    def describe(self) -> dict[str, Any]:
        shown = {
            "mapRunArn": self.arn,
            "executionArn": self.parent.arn,
            "status": self.status,
            "startDate": self.started,
            "stopDate": self.stopped,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": self.tolerated_percentage,
            "toleratedFailureCount": self.tolerated_count,
            "itemCounts": self._counts([(child.status, child.items) for child in self.children]),
            "executionCounts": self._counts([(child.status, 1) for child in self.children]),
            "redriveCount": self.redrive_count,
            "redriveDate": self.redriven,
        }
        return {key: value for key, value in shown.items() if value is not None}

    def _counts(self, weights: list[tuple[str, int]]) -> dict[str, int]:
        counts = dict.fromkeys(("pending", *_COUNTED.values()), 0)
        for status, weight in weights:
            counts[_COUNTED.get(status, "pending")] += weight
        total = sum(weight for _, weight in weights)
        return {
            **counts,
            "total": total,
            "resultsWritten": self.written if total == len(self.children) else 0,
            "failuresNotRedrivable": 0,
            "pendingRedrive": 0,
        }
