"""Tags of every SageMaker resource, and the three operations on them."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from local.protocol import Caller
from local.sagemaker.listing import paged
from local.sagemaker.records import invalid


class Tags:
    """Tags by resource ARN. A resource is known here from its creation to its deletion."""

    operations = ("add_tags", "list_tags", "delete_tags")

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def create(self, arn: str, tags: Iterable[Mapping[str, str]] = ()) -> None:
        with self._lock:
            self._tags[arn] = {tag["Key"]: tag["Value"] for tag in tags}

    def remove(self, arn: str) -> None:
        with self._lock:
            self._tags.pop(arn, None)

    def of(self, arn: str) -> dict[str, str]:
        """Key to value, as SageMaker's events carry tags."""
        with self._lock:
            return dict(self._tags.get(arn, {}))

    def add_tags(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        with self._lock:
            tags = self._find(request["ResourceArn"])
            tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
            return {"Tags": _listed(tags)}

    def list_tags(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        with self._lock:
            page, token = paged(_listed(self._find(request["ResourceArn"])), request)
        return {"Tags": page, "NextToken": token} if token else {"Tags": page}

    def delete_tags(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        with self._lock:
            tags = self._find(request["ResourceArn"])
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def kept(self) -> dict[str, dict[str, str]]:
        """All tags by ARN."""
        with self._lock:
            return {arn: dict(tags) for arn, tags in self._tags.items()}

    def put_back(self, tags: dict[str, dict[str, str]]) -> None:
        """Take in what was `kept` before a restart."""
        with self._lock:
            self._tags.update(tags)

    def _find(self, arn: str) -> dict[str, str]:
        try:
            return self._tags[arn]
        except KeyError:
            raise invalid(f'Could not find the resource "{arn}".') from None


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
