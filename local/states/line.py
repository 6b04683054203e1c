"""Where a line of states is: the execution itself, a branch of a Parallel, or an iteration of a Map.

The lines of an execution are a tree that outlives a failure, so that a redrive goes on where each line stopped.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.states.map_run import MapRun


@dataclass
class Scope:
    """Variables. An inner scope reads the outer ones and writes its own."""

    outer: "Scope | None" = None
    values: dict[str, Any] = field(default_factory=dict)

    def all(self) -> dict[str, Any]:
        return {**(self.outer.all() if self.outer else {}), **self.values}


@dataclass
class Line:
    """One sequence of states of `machine` (an object with StartAt and States)."""

    machine: dict[str, Any]
    value: Any
    """Input of the current state; the result when done."""
    context: dict[str, Any]
    """The Context Object of this line, without State and Task."""
    scope: Scope = field(default_factory=Scope)
    current: str | None = None
    done: bool = False
    last: int = 0
    """The number of its newest history event."""
    children: "list[Line] | None" = None
    """Lines of the Parallel or inline Map that runs now."""
    map_run: "MapRun | None" = None
    """Of the distributed Map that runs now."""
    index: int = 0

    def __post_init__(self) -> None:
        if self.current is None:
            self.current = self.machine["StartAt"]

    def leave(self) -> None:
        """Forget what ran inside the current state."""
        self.children = None
        self.map_run = None
