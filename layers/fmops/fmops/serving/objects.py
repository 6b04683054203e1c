"""Lists the objects of an artifact in S3, with versions and the checksums that the training job wrote."""

from typing import Any

from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound, ResultsUnusable
from fmops.serving.models import Artifact, ObjectRef

FILES = "files.json"
"""The training job's list: `[{"path", "size", "sha256"}]`."""
FINE_TUNING = "fine_tuning.json"
"""Which code and settings our fine-tuning container made the weights by."""


def sealed(artifact: Artifact, store: Store, s3: Any) -> Artifact:
    """The artifact with its objects as they are now. `s3` is a boto3 client of S3.

    ResultsUnusable where weights of our own are missing, or are not what the training job says it wrote.
    """
    if not artifact.is_foreign:
        return artifact
    return artifact.model_copy(update={"objects": tuple(listed(location(artifact.data_uri), store, s3))})


def listed(prefix: Location, store: Store, s3: Any) -> list[ObjectRef]:
    """The newest version of each object below a prefix, by key."""
    written = _written(prefix, store)
    found = [
        ObjectRef(
            key=item["Key"],
            size=item["Size"],
            # S3 says "null" for objects from before the bucket had versions.
            version=None if item["VersionId"] == "null" else item["VersionId"],
            etag=item["ETag"].strip('"'),
            sha256=written.pop(item["Key"].removeprefix(prefix.key), {}).get("sha256"),
        )
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
        for item in page.get("Versions", [])
        if item["IsLatest"]
    ]
    if not found:
        raise ResultsUnusable(f"{prefix.uri} holds no weights")
    if written:
        raise ResultsUnusable(f"{prefix.uri} lacks {', '.join(sorted(written)[:5])}, which {FILES} names")
    return sorted(found, key=lambda item: item.key)


def _written(prefix: Location, store: Store) -> dict[str, dict[str, Any]]:
    try:
        entries = store.read_json(prefix.child(FILES))
    except NotFound:
        # A trainer that is not ours writes no list; its files have size, version and ETag.
        return {}
    return {str(entry["path"]): entry for entry in entries}
