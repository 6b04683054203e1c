"""What a test or a demonstration makes go wrong on purpose."""

import fnmatch
import threading
from dataclasses import dataclass

NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)
NO_ENDPOINT_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)
INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."


@dataclass
class _Shortage:
    pattern: str
    times: int


@dataclass
class _Refusal:
    operation: str
    pattern: str
    times: int
    message: str


class Faults:
    """Shortages, stuck endpoints and refused calls, by the name of a job or endpoint."""

    def __init__(self) -> None:
        self._shortages: list[_Shortage] = []
        self._held: set[str] = set()
        self._refusals: list[_Refusal] = []
        self._lock = threading.Lock()

    def hold(self, pattern: str) -> None:
        """Keep endpoints whose name matches the glob in Creating or Updating, until `let_go`."""
        with self._lock:
            self._held.add(pattern)

    def let_go(self, pattern: str) -> None:
        with self._lock:
            self._held.discard(pattern)

    def holds(self, name: str) -> bool:
        with self._lock:
            return any(fnmatch.fnmatchcase(name, pattern) for pattern in self._held)

    def refuse(self, operation: str, pattern: str, times: int = 1, message: str = "It can't be done now.") -> None:
        """Have the next calls of an operation on such a name fail with a ValidationException."""
        with self._lock:
            self._refusals.append(_Refusal(operation, pattern, times, message))

    def takes_refusal(self, operation: str, name: str) -> str | None:
        """The message with which a call is refused; uses up one refusal when so."""
        with self._lock:
            for refusal in self._refusals:
                matches = refusal.operation == operation and fnmatch.fnmatchcase(name, refusal.pattern)
                if matches and refusal.times > 0:
                    refusal.times -= 1
                    return refusal.message
            return None

    def no_capacity(self, pattern: str, times: int = 1) -> None:
        """Have the next `times` jobs or endpoints whose name matches the glob `pattern` find no instance."""
        with self._lock:
            self._shortages.append(_Shortage(pattern, times))

    def takes_capacity(self, name: str) -> bool:
        """Whether `name` finds no instance; uses up one shortage when so."""
        with self._lock:
            for shortage in self._shortages:
                if shortage.times > 0 and fnmatch.fnmatchcase(name, shortage.pattern):
                    shortage.times -= 1
                    return True
            return False


class Quotas:
    """Account quotas by AWS' wording of them; a kind without an entry has no limit."""

    def __init__(self) -> None:
        self.limits: dict[str, int] = {}
        """For example {"ml.g5.2xlarge for training job usage": 1}."""

    def refusal(self, usage: str, used: int, wanted: int) -> str | None:
        """AWS' message when `wanted` more instances exceed the quota named `usage`, else None."""
        limit = self.limits.get(usage)
        if limit is None or used + wanted <= limit:
            return None
        return (
            f"The account-level service limit '{usage}' is {limit} Instances, with current utilization of {used} "
            f"Instances and a request delta of {wanted} Instances. Please use AWS Service Quotas to request an "
            "increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an "
            "increase for this quota."
        )
