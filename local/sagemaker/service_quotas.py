"""Service Quotas, as far as it knows SageMaker's: the limits that a test or a person set."""

from typing import Any, ClassVar
from zlib import crc32

from local.protocol import ACCOUNT, REGION, AwsError, Caller, Service
from local.sagemaker.faults import Quotas

_PAGE = 100


class ServiceQuotas(Service):
    name: ClassVar[str] = "service-quotas"

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    def list_service_quotas(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        """The applied ones."""
        return self._listed(request, sorted(self._quotas.limits.items()))

    def list_aws_default_service_quotas(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        """None: this machine has no limits but those that somebody set."""
        return self._listed(request, [])

    def _listed(self, request: dict[str, Any], found: list[tuple[str, int]]) -> dict[str, Any]:
        if request["ServiceCode"] != "sagemaker":
            raise AwsError(
                "NoSuchResourceException", "The request failed because the specified service does not exist."
            )
        begin = int(request.get("NextToken", "0"))
        end = begin + int(request.get("MaxResults", _PAGE))
        page = {"Quotas": [_quota(name, value) for name, value in found[begin:end]]}
        return {**page, "NextToken": str(end)} if end < len(found) else page


def _quota(name: str, value: int) -> dict[str, Any]:
    code = f"L-{crc32(name.encode()):08X}"
    return {
        "ServiceCode": "sagemaker",
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:sagemaker/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
