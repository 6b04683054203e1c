"""What SageMaker remembers of a resource: the request echoed, plus what became of it."""

import copy
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from local.protocol import ACCOUNT, PARTITION, REGION, AwsError

Record = dict[str, Any]
"""A resource as its Describe operation answers it."""


def arn(kind: str, name: str) -> str:
    """`arn("endpoint", "chat")`: the ARN of a resource of this account."""
    return f"arn:{PARTITION}:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def in_use(message: str) -> AwsError:
    return AwsError("ResourceInUse", message)


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFound", message)


class Records:
    """Resources of one kind by name. What is handed out is a copy: only `update` changes a record."""

    def __init__(self, missing: Callable[[str], AwsError]) -> None:
        """`missing` makes the error for a name that nobody created."""
        self._missing = missing
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    def __contains__(self, name: str) -> bool:
        return name in self._records

    def get(self, name: str) -> Record:
        with self._lock:
            return copy.deepcopy(self._find(name))

    def all(self) -> list[Record]:
        with self._lock:
            return [copy.deepcopy(record) for record in self._records.values()]

    def create(self, name: str, record: Record, taken: AwsError) -> None:
        """Keep a new record; raises `taken` when the name has one."""
        with self._lock:
            if name in self._records:
                raise taken
            self._records[name] = copy.deepcopy(record)

    def update(self, name: str, change: Callable[[Record], None]) -> Record:
        """Let `change` work on the record under the lock; the changed record is returned. What it raises is raised."""
        with self._lock:
            record = copy.deepcopy(self._find(name))
            change(record)
            self._records[name] = record
            return copy.deepcopy(record)

    def remove(self, name: str) -> Record:
        with self._lock:
            record = self._find(name)
            del self._records[name]
            return record

    def kept(self) -> dict[str, Record]:
        """All records, not copied: they are replaced, and never changed."""
        with self._lock:
            return dict(self._records)

    def put_back(self, records: dict[str, Record]) -> None:
        """Take in what was `kept` before a restart."""
        with self._lock:
            self._records.update(records)

    def _find(self, name: str) -> Record:
        try:
            return self._records[name]
        except KeyError:
            raise self._missing(name) from None


def plain(value: Any) -> Any:
    """A record as an event carries it: times as epoch milliseconds, the rest unchanged."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def pick(record: Record, *names: str) -> Record:
    """The named members that the record has."""
    return {name: record[name] for name in names if name in record}
