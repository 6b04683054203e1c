"""Service Quotas in memory."""

from collections.abc import Iterator
from typing import Any

from tests.contract.botocore_validation import problems


class FakeQuotas:
    """The part of a boto3 client that lists quotas; in two pages, as AWS does it in many."""

    def __init__(self) -> None:
        self.applied: dict[str, float] = {}
        self.defaults: dict[str, float] = {}
        self.asked = 0
        self.refusal: Exception | None = None

    def get_paginator(self, operation: str) -> "_Pages":
        return _Pages(self, operation)


class _Pages:
    def __init__(self, quotas: FakeQuotas, operation: str) -> None:
        self._quotas, self._operation = quotas, operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert not problems("service-quotas", self._operation, request)
        self._quotas.asked += 1
        if self._quotas.refusal:
            raise self._quotas.refusal
        applied = self._operation == "list_service_quotas"
        found = list((self._quotas.applied if applied else self._quotas.defaults).items())
        yield {"Quotas": [{"QuotaName": name, "Value": value} for name, value in found[:1]]}
        yield {"Quotas": [{"QuotaName": name, "Value": value} for name, value in found[1:]]}
