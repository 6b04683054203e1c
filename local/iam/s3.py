"""S3's actions: they are named after no operation of its API."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from local.iam import reference
from local.protocol import NotImplementedByEmbeddedAws

_ACTIONS = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjects": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListBuckets": "ListAllMyBuckets",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads",
}
_VERSIONED = {
    "GetObject": "GetObjectVersion",
    "DeleteObject": "DeleteObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectAttributes": "GetObjectVersionAttributes",
}

Needed = tuple[str, str, Mapping[str, Any]]


def needs_of(operation: str, params: Mapping[str, Any]) -> list[Needed]:
    """(action, resource, context) of one call."""
    return list(_needs(operation, params))


def _needs(operation: str, params: Mapping[str, Any]) -> Iterator[Needed]:
    action = _ACTIONS.get(operation, operation)
    if params.get("VersionId"):
        action = _VERSIONED.get(action, action)
    if operation != "DeleteObjects" and reference.action(f"s3:{action}") is None:
        raise NotImplementedByEmbeddedAws(f"the IAM action behind s3:{operation}")
    if "Bucket" not in params:
        yield f"s3:{action}", "*", {}
        return
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation == "DeleteObjects":
        for item in params["Delete"]["Objects"]:
            versioned = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
            yield versioned, f"{bucket}/{item['Key']}", {}
    elif "Key" not in params:
        asked = {"s3:prefix": params.get("Prefix", ""), "s3:delimiter": params.get("Delimiter")}
        yield f"s3:{action}", bucket, {key: value for key, value in asked.items() if value is not None}
    else:
        yield f"s3:{action}", f"{bucket}/{params['Key']}", _object_context(params)
        if params.get("Tagging") and operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
            yield "s3:PutObjectTagging", f"{bucket}/{params['Key']}", {}
        if source := params.get("CopySource"):
            yield _source(source)


def _object_context(params: Mapping[str, Any]) -> dict[str, Any]:
    asked = {
        "s3:x-amz-server-side-encryption": params.get("ServerSideEncryption"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": params.get("SSEKMSKeyId"),
        "s3:x-amz-acl": params.get("ACL"),
        "s3:versionid": params.get("VersionId"),
    }
    return {key: value for key, value in asked.items() if value is not None}


def _source(source: str | Mapping[str, Any]) -> Needed:
    if isinstance(source, Mapping):
        path, version = f"{source['Bucket']}/{source['Key']}", source.get("VersionId")
    else:
        text, _, version = source.partition("?versionId=")
        path = unquote(text).lstrip("/")
    return "s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{path}", {}
