"""The model registry: groups, versioned packages, their approval, and the events that tell of it."""

import threading
from typing import Any

from local.protocol import AwsError, Caller
from local.sagemaker.listing import Listing
from local.sagemaker.machine import Machine
from local.sagemaker.records import Record, Records, arn, invalid, pick, plain

_GROUPS = Listing(
    answer="ModelPackageGroupSummaryList",
    members=(
        "ModelPackageGroupName",
        "ModelPackageGroupArn",
        "ModelPackageGroupDescription",
        "CreationTime",
        "ModelPackageGroupStatus",
    ),
    name="ModelPackageGroupName",
)
_PACKAGES = Listing(
    answer="ModelPackageSummaryList",
    members=(
        "ModelPackageName",
        "ModelPackageGroupName",
        "ModelPackageVersion",
        "ModelPackageArn",
        "ModelPackageDescription",
        "CreationTime",
        "ModelPackageStatus",
        "ModelApprovalStatus",
        "ModelLifeCycle",
        "ModelPackageRegistrationType",
    ),
    name="ModelPackageName",
)
_EVENT = "SageMaker Model Package State Change"
_EVENT_MEMBERS = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "ModelApprovalStatus",
    "InferenceSpecification",
    "ModelMetrics",
    "MetadataProperties",
    "CertifyForMarketplace",
    "ModelLifeCycle",
    "UpdatedModelPackageFields",
)
_UPDATABLE = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)
_NOT_KEPT = ("Tags", "ClientToken")
# The event's own spelling of a field.
_EVENT_NAMES = {"SourceUri": "sourceUri"}


class Registry:
    """The operations on model package groups and model packages."""

    operations = (
        "create_model_package_group",
        "describe_model_package_group",
        "delete_model_package_group",
        "list_model_package_groups",
        "create_model_package",
        "describe_model_package",
        "update_model_package",
        "delete_model_package",
        "list_model_packages",
    )

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.groups = Records(
            lambda name: invalid(f"ModelPackageGroup {arn('model-package-group', name)} does not exist.")
        )
        self.packages = Records(lambda package_arn: invalid(f"ModelPackage {package_arn} does not exist."))
        self.versions: dict[str, int] = {}
        self._lock = threading.Lock()

    def create_model_package_group(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request["ModelPackageGroupName"]
        group_arn = arn("model-package-group", name)
        record = {
            **_without(request, *_NOT_KEPT),
            "ModelPackageGroupArn": group_arn,
            "ModelPackageGroupStatus": "Completed",
            "CreationTime": self._machine.clock.datetime(),
            "CreatedBy": {},
        }
        self.groups.create(name, record, invalid(f"Model Package Group already exists: {group_arn}"))
        self._machine.tags.create(group_arn, request.get("Tags", ()))
        return {"ModelPackageGroupArn": group_arn}

    def describe_model_package_group(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.groups.get(_last(request["ModelPackageGroupName"]))

    def delete_model_package_group(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = _last(request["ModelPackageGroupName"])
        with self._lock:
            group = self.groups.get(name)
            if any(package.get("ModelPackageGroupName") == name for package in self.packages.all()):
                raise AwsError(
                    "ConflictException",
                    f"Model Package Group cannot be deleted as it still contains Model Packages: "
                    f"{group['ModelPackageGroupArn']}",
                )
            self.groups.remove(name)
        self._machine.tags.remove(group["ModelPackageGroupArn"])
        return {}

    def list_model_package_groups(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return _GROUPS.answer_to(request, self.groups.all())

    def create_model_package(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        now = self._machine.clock.datetime()
        with self._lock:
            record = {
                "CertifyForMarketplace": False,
                **_without(request, *_NOT_KEPT),
                **self._identity(request),
                "ModelPackageStatus": "Completed",
                "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
                "CreationTime": now,
                "LastModifiedTime": now,
                "CreatedBy": {},
            }
            package_arn = record["ModelPackageArn"]
            taken = invalid(f"Model Package already exists: {package_arn}")
            self.packages.create(package_arn, record, taken)
        self._machine.tags.create(package_arn, request.get("Tags", ()))
        self._tell(record)
        return {"ModelPackageArn": package_arn}

    def describe_model_package(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.packages.get(_package_arn(request["ModelPackageName"]))

    def update_model_package(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        changed: list[str] = []

        def change(record: Record) -> None:
            for member in _UPDATABLE:
                if member in request:
                    record[member] = request[member]
                    changed.append(_EVENT_NAMES.get(member, member))
            if _merge_properties(record, request):
                changed.append("CustomerMetadataProperties")
            added = request.get("AdditionalInferenceSpecificationsToAdd")
            if added:
                known = record.get("AdditionalInferenceSpecifications", [])
                record["AdditionalInferenceSpecifications"] = [*known, *added]
            record["LastModifiedTime"] = self._machine.clock.datetime()
            record["LastModifiedBy"] = {}

        record = self.packages.update(request["ModelPackageArn"], change)
        self._tell({**record, "UpdatedModelPackageFields": changed})
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def delete_model_package(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        record = self.packages.remove(_package_arn(request["ModelPackageName"]))
        self._machine.tags.remove(record["ModelPackageArn"])
        return {}

    def list_model_packages(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        group, status = request.get("ModelPackageGroupName"), request.get("ModelApprovalStatus")
        if group is not None:
            self.groups.get(_last(group))
        kind = request.get("ModelPackageType", "Versioned" if group else "Unversioned")
        chosen = [
            record
            for record in self.packages.all()
            if (group is None or record.get("ModelPackageGroupName") == _last(group))
            and (status is None or record.get("ModelApprovalStatus") == status)
            and (kind == "Both" or (kind == "Versioned") == ("ModelPackageVersion" in record))
        ]
        return _PACKAGES.answer_to(request, chosen)

    def container_of(self, package_arn: str) -> dict[str, Any]:
        """The container that a package deploys; only an approved package of a group may be deployed."""
        record = self.packages.get(_package_arn(package_arn))
        if record.get("ModelApprovalStatus", "Approved") != "Approved":
            raise invalid(
                f"Cannot create a model from the Model Package {record['ModelPackageArn']}: its approval status is "
                f"{record['ModelApprovalStatus']}."
            )
        containers = record.get("InferenceSpecification", {}).get("Containers", [])
        if not containers:
            raise invalid(f"Model Package {record['ModelPackageArn']} has no inference specification.")
        container: dict[str, Any] = containers[0]
        return container

    def _identity(self, request: dict[str, Any]) -> Record:
        """Names and ARN of a new package, with the next version where it belongs to a group."""
        group = request.get("ModelPackageGroupName")
        if group is None:
            name = request.get("ModelPackageName")
            if name is None:
                raise invalid("Either ModelPackageName or ModelPackageGroupName must be given.")
            return {"ModelPackageArn": arn("model-package", name)}
        if "ModelPackageName" in request:
            raise invalid("Both ModelPackageName and ModelPackageGroupName are provided in the input.")
        name = self.groups.get(_last(group))["ModelPackageGroupName"]
        # A version is never given twice, not even after its package was deleted.
        version = self.versions[name] = self.versions.get(name, 0) + 1
        return {
            "ModelPackageGroupName": name,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn("model-package", f"{name}/{version}"),
            "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
        }

    def _tell(self, record: Record) -> None:
        detail = plain(pick(record, *_EVENT_MEMBERS))
        # Unlike the jobs' events, this one carries ISO times.
        for member in ("CreationTime", "LastModifiedTime"):
            detail[member] = record[member].isoformat(timespec="seconds").replace("+00:00", "Z")
        self._machine.tell(_EVENT, detail, record["ModelPackageArn"])


def _merge_properties(record: Record, request: dict[str, Any]) -> bool:
    """Apply what an update says about the customer's properties; whether it says anything."""
    new, gone = request.get("CustomerMetadataProperties"), request.get("CustomerMetadataPropertiesToRemove")
    if new is None and gone is None:
        return False
    merged = {**record.get("CustomerMetadataProperties", {}), **(new or {})}
    record["CustomerMetadataProperties"] = {key: value for key, value in merged.items() if key not in (gone or ())}
    return True


def _without(request: dict[str, Any], *members: str) -> Record:
    return {member: value for member, value in request.items() if member not in members}


def _last(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]


def _package_arn(name_or_arn: str) -> str:
    return name_or_arn if name_or_arn.startswith("arn:") else arn("model-package", name_or_arn)
