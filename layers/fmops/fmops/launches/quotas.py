"""Talks to Service Quotas: how many instances of a type the account may have."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.clock import iso, parse
from fmops.core.ledger import Key, Ledger

KEY = Key("QUOTAS#sagemaker", "QUOTAS")
_FRESH = timedelta(hours=6)
# Without the right or the answer a launch finds its limits when it meets them.
_UNKNOWN = frozenset(
    {"AccessDeniedException", "TooManyRequestsException", "ServiceException", "NoSuchResourceException"}
)


class ServiceQuotas:
    def __init__(self, ledger: Ledger, client: Any) -> None:
        """`client` is a boto3 client of Service Quotas."""
        self._ledger, self._client = ledger, client

    def of(self, names: Iterable[str], now: datetime) -> dict[str, float]:
        """The quotas of these names that are known; asked for at most every six hours, since there are a thousand."""
        known = self._kept(now)
        if known is None:
            try:
                known = usage_quotas(self._client)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _UNKNOWN:
                    raise
                return {}
            self._ledger.put(KEY, {"quotas": known, "fetched_at": iso(now)}, kind="quotas", now=now)
        return {name: known[name] for name in names if name in known}

    def _kept(self, now: datetime) -> dict[str, float] | None:
        record = self._ledger.get(KEY)
        if record is None or now - parse(record["fetched_at"]) > _FRESH:
            return None
        return dict(record["quotas"])


def usage_quotas(client: Any) -> dict[str, float]:
    """How many instances of each type the account may have at once, by the quota's name."""
    found: dict[str, float] = {}
    # What was never raised is only in the list of defaults.
    for operation in ("list_aws_default_service_quotas", "list_service_quotas"):
        for page in client.get_paginator(operation).paginate(ServiceCode="sagemaker"):
            for quota in page["Quotas"]:
                if quota["QuotaName"].endswith(" usage") and "Value" in quota:
                    found[quota["QuotaName"]] = float(quota["Value"])
    return found
