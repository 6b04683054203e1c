"""The public JumpStart hub: documents that are files in a folder, and their artifacts in the hub's bucket."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from local.protocol import PARTITION, REGION, Aws, Caller, LocalError
from local.sagemaker.listing import Listing
from local.sagemaker.records import Record, not_found, pick
from local.sagemaker.transfer import S3Place, Transfer

HUB: Final = "SageMakerPublicHub"
ARTIFACTS_BUCKET: Final = f"jumpstart-cache-prod-{REGION}"

_HUB_ARN = f"arn:{PARTITION}:sagemaker:{REGION}:aws:hub/{HUB}"
_NEEDED = ("HubContentName", "HubContentVersion", "HubContentDocument")
_SUMMARY = (
    "HubContentName",
    "HubContentArn",
    "HubContentVersion",
    "HubContentType",
    "DocumentSchemaVersion",
    "HubContentDisplayName",
    "HubContentDescription",
    "SupportStatus",
    "HubContentSearchKeywords",
    "HubContentStatus",
    "CreationTime",
    "OriginalCreationTime",
)
_DESCRIBED = (
    *(member for member in _SUMMARY if member != "OriginalCreationTime"),
    "HubContentMarkdown",
    "LastModifiedTime",
)
_LISTING = Listing(
    answer="HubContentSummaries",
    members=_SUMMARY,
    name="HubContentName",
    status="HubContentStatus",
    default_sort="HubContentName",
    default_order="Ascending",
)


class Hub:
    """The operations on the hub. A file in `folder` is one version of one model; adding a file publishes it."""

    operations = ("describe_hub", "describe_hub_content", "list_hub_contents", "list_hub_content_versions")

    def __init__(self, aws: Aws, transfer: Transfer) -> None:
        self._aws = aws
        self._transfer = transfer
        self._opened = aws.clock.datetime()
        self.folder = aws.root / "hub"
        self._first_seen: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make the folder, so that people find where models are published."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def publish(self, document: Mapping[str, Any]) -> Path:
        """Add a model version, as JumpStart would. LocalError when the document lacks what a version needs."""
        _check(document, "the document")
        name = f"{document['HubContentName']}-{document['HubContentVersion']}.json"
        stamped = {"CreationTime": self._aws.clock.iso(), **document}
        file = self.folder / name
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(stamped, indent=1), encoding="utf-8")
        return fresh.replace(file)

    def upload_artifacts(self, model: Path, uri: str) -> int:
        """Put a model's folder where a hub document's HostingArtifactUri says, and say how many files it has."""
        client = self._aws.client("s3")
        try:
            client.head_bucket(Bucket=S3Place.parse(uri).bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            client.create_bucket(Bucket=S3Place.parse(uri).bucket)
        count = self._transfer.upload_folder(None, model, uri)
        if count == 0:
            raise LocalError(f"{model} holds no model files; run `make setup`.")
        return count

    def describe_hub(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        _check_hub(request)
        return {
            "HubName": HUB,
            "HubArn": _HUB_ARN,
            "HubDisplayName": "SageMaker Public Hub",
            "HubDescription": "Amazon SageMaker Public Hub",
            "HubStatus": "InService",
            "CreationTime": self._opened,
            "LastModifiedTime": self._opened,
        }

    def describe_hub_content(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        _check_hub(request)
        versions = self._versions_of(request)
        wanted = request.get("HubContentVersion")
        found = [item for item in versions if wanted in (None, "*", item["HubContentVersion"])]
        if not found:
            raise not_found(f"Hub content {request['HubContentName']} version {wanted} does not exist in {HUB}.")
        return {
            **pick(found[-1], *_DESCRIBED),
            "HubName": HUB,
            "HubArn": _HUB_ARN,
            "HubContentDocument": json.dumps(found[-1]["HubContentDocument"]),
        }

    def list_hub_contents(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        _check_hub(request)
        newest = {item["HubContentName"]: item for item in self._contents(request["HubContentType"])}
        return _LISTING.answer_to(request, _up_to_schema(request, newest.values()))

    def list_hub_content_versions(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        _check_hub(request)
        least = _order(request.get("MinVersion", "0"))
        versions = [item for item in self._versions_of(request) if _order(item["HubContentVersion"]) >= least]
        return _LISTING.answer_to(request, _up_to_schema(request, versions))

    def _versions_of(self, request: dict[str, Any]) -> list[Record]:
        name = request["HubContentName"]
        found = [item for item in self._contents(request["HubContentType"]) if item["HubContentName"] == name]
        if not found:
            raise not_found(f"Hub content {name} does not exist in {HUB}.")
        return found

    def _contents(self, kind: str) -> list[Record]:
        """Every version of every content, the oldest version of each first."""
        contents = [self._read(file) for file in sorted(self.folder.glob("*.json"))]
        first: dict[str, datetime] = {}
        for item in contents:
            name = item["HubContentName"]
            first[name] = min(first.get(name, item["CreationTime"]), item["CreationTime"])
        for item in contents:
            item["OriginalCreationTime"] = first[item["HubContentName"]]
        contents.sort(key=lambda item: _order(item["HubContentVersion"]))
        return [item for item in contents if item["HubContentType"] == kind]

    def _read(self, file: Path) -> Record:
        try:
            written = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise LocalError(f"{file} is no JSON document: {error}.") from error
        _check(written, str(file))
        name, version = written["HubContentName"], written["HubContentVersion"]
        kind = written.get("HubContentType", "Model")
        created = self._created(file, written)
        return {
            "HubContentStatus": "Available",
            "SupportStatus": "Supported",
            "DocumentSchemaVersion": "2.3.0",
            "HubContentDisplayName": name,
            "HubContentSearchKeywords": [],
            **written,
            "HubContentType": kind,
            "HubContentArn": f"arn:{PARTITION}:sagemaker:{REGION}:aws:hub-content/{HUB}/{kind}/{name}/{version}",
            "CreationTime": created,
            "LastModifiedTime": created,
        }

    def _created(self, file: Path, written: Mapping[str, Any]) -> datetime:
        """What the file says, else when it was first seen: a file's own time is not the embedded clock's."""
        if "CreationTime" in written:
            return datetime.fromisoformat(written["CreationTime"])
        with self._lock:
            return self._first_seen.setdefault(file.name, self._aws.clock.datetime())


def _check(document: Mapping[str, Any], what: str) -> None:
    missing = [member for member in _NEEDED if member not in document]
    if missing:
        raise LocalError(f"{what} is no hub content: it lacks {', '.join(missing)}.")


def _check_hub(request: Mapping[str, Any]) -> None:
    if request["HubName"] not in (HUB, _HUB_ARN):
        raise not_found(f"Hub {request['HubName']} does not exist.")


def _up_to_schema(request: Mapping[str, Any], contents: Any) -> list[Record]:
    most = request.get("MaxSchemaVersion")
    return [item for item in contents if most is None or _order(item["DocumentSchemaVersion"]) <= _order(most)]


def _order(version: str) -> tuple[int, ...]:
    """Semantic versions in their order: 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
