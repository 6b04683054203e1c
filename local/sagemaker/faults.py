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


class Faults:
    """Shortages of instances by the name of a job or endpoint."""

    def __init__(self) -> None:
        self._shortages: list[_Shortage] = []
        self._lock = threading.Lock()

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
