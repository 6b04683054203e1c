"""The List operations: filters, order and pages, the same for every kind of resource."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.sagemaker.records import Record, invalid, pick

_DEFAULT_PAGE = 100


@dataclass(frozen=True)
class Listing:
    """How one kind of resource is listed."""

    answer: str
    """The answer's member that holds the list: "TrainingJobSummaries"."""
    members: tuple[str, ...]
    """What a summary shows of the record."""
    name: str
    """The member that `NameContains` and `SortBy=Name` look at."""
    status: str = ""
    """The member that `StatusEquals` and `SortBy=Status` look at."""
    default_order: str = "Descending"
    default_sort: str = "CreationTime"

    def answer_to(self, request: Mapping[str, Any], records: Iterable[Record]) -> dict[str, Any]:
        chosen = sorted(
            (record for record in records if self._matches(request, record)),
            key=lambda record: self._sort_key(request, record),
            reverse=request.get("SortOrder", self.default_order) == "Descending",
        )
        page, token = paged(chosen, request)
        answer: dict[str, Any] = {self.answer: [pick(record, *self.members) for record in page]}
        return {**answer, "NextToken": token} if token else answer

    def _matches(self, request: Mapping[str, Any], record: Record) -> bool:
        if request.get("NameContains", "").lower() not in str(record.get(self.name, "")).lower():
            return False
        if "StatusEquals" in request and record[self.status] != request["StatusEquals"]:
            return False
        for member in ("CreationTime", "LastModifiedTime"):
            after, before = request.get(f"{member}After"), request.get(f"{member}Before")
            if (after is not None and record[member] <= after) or (before is not None and record[member] >= before):
                return False
        return True

    def _sort_key(self, request: Mapping[str, Any], record: Record) -> tuple[Any, str]:
        by = request.get("SortBy", self.default_sort)
        member = {"Name": self.name, "Status": self.status}.get(by, by)
        return record.get(member, ""), str(record.get(self.name, ""))


def paged(items: Sequence[Any], request: Mapping[str, Any]) -> tuple[Sequence[Any], str | None]:
    """One page of the items and the token of the next one, or None after the last."""
    start = _offset(request.get("NextToken"))
    end = start + request.get("MaxResults", _DEFAULT_PAGE)
    return items[start:end], _token(end) if end < len(items) else None


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode("ascii")


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        kind, _, offset = base64.urlsafe_b64decode(token.encode("ascii")).decode("ascii").partition(":")
        if kind == "offset":
            return int(offset)
    except ValueError:
        pass
    raise invalid("Invalid pagination token.")
