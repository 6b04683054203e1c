"""The store of what the system writes: JSON documents and lines in S3, named by URI."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from fmops.core.errors import NotFound


class Location(NamedTuple):
    """An object or a prefix in S3."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def child(self, name: str) -> "Location":
        """What lies below this prefix under `name`."""
        return Location(self.bucket, f"{self.key.rstrip('/')}/{name}" if self.key else name)


def location(uri: str) -> Location:
    """The location that an `s3://bucket/key` URI names. ValueError for any other text."""
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc or parts.query:
        raise ValueError(f"{uri!r} is no s3:// URI")
    return Location(parts.netloc, parts.path.lstrip("/"))


class Opened(NamedTuple):
    """An object as it is read."""

    body: Any
    """Has `read(size)`."""
    version: str | None
    etag: str | None = None


class Store:
    """Reads and writes whole objects."""

    def __init__(self, s3: Any) -> None:
        """`s3` is a boto3 client of S3."""
        self._s3 = s3

    def read(self, place: Location, version: str | None = None) -> bytes:
        """The object's bytes, of that version where one is named. NotFound where there is none."""
        return bytes(self._open(place, version).read())

    def open_pinned(self, place: Location, version: str | None = None) -> Opened:
        """The object to be read piece by piece, and the version that it is of. NotFound where there is none."""
        answer = self._get(place, version)
        return Opened(answer["Body"], answer.get("VersionId"), str(answer.get("ETag", "")).strip('"') or None)

    def newest_version(self, place: Location) -> str | None:
        """The version that the object is of now; None without versions. NotFound where there is none."""
        try:
            version: str | None = self._s3.head_object(Bucket=place.bucket, Key=place.key).get("VersionId")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound(f"{place.uri} does not exist") from error
            raise
        return version

    def lines(self, place: Location, version: str | None = None) -> Iterator[bytes]:
        """The object's lines, streamed, without their ends. NotFound where there is none."""
        yield from self._open(place, version).iter_lines(chunk_size=256 * 1024)

    def read_json(self, place: Location, version: str | None = None) -> Any:
        return json.loads(self.read(place, version))

    def read_json_lines(self, place: Location) -> Iterator[Any]:
        for line in self.lines(place):
            if line.strip():
                yield json.loads(line)

    def write(
        self, place: Location, content: bytes | IO[bytes], content_type: str = "application/octet-stream"
    ) -> str | None:
        """Write an object, from a file piece by piece; its version where the bucket has versions."""
        answer = self._s3.put_object(Bucket=place.bucket, Key=place.key, Body=content, ContentType=content_type)
        version: str | None = answer.get("VersionId")
        return version

    def write_json(self, place: Location, document: Any) -> str | None:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return self.write(place, text.encode(), "application/json")

    def write_json_lines(self, place: Location, rows: Iterable[Any]) -> str | None:
        text = "".join(
            json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n" for row in rows
        )
        return self.write(place, text.encode(), "application/x-ndjson")

    def copy(self, source: Location, place: Location) -> None:
        """Copy an object within S3. NotFound where there is none."""
        try:
            self._s3.copy_object(
                Bucket=place.bucket, Key=place.key, CopySource={"Bucket": source.bucket, "Key": source.key}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound(f"{source.uri} does not exist") from error
            raise

    def keys(self, place: Location) -> Iterator[dict[str, Any]]:
        """All objects below a prefix, as ListObjectsV2 describes them: `Key`, `Size`, `ETag`, `LastModified`."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key)
        for page in pages:
            yield from page.get("Contents", [])

    def versions(self, place: Location) -> Iterator[dict[str, Any]]:
        """The newest version of each object below a prefix, as ListObjectVersions describes it: `VersionId` too."""
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=place.key)
        for page in pages:
            yield from (item for item in page.get("Versions", []) if item["IsLatest"])

    def folders(self, place: Location) -> Iterator[str]:
        """The names of the folders right below a prefix, which ends in a slash."""
        paginator = self._s3.get_paginator("list_objects_v2")
        for page in paginator.paginate(Bucket=place.bucket, Prefix=place.key, Delimiter="/"):
            for item in page.get("CommonPrefixes", []):
                yield str(item["Prefix"]).removeprefix(place.key).rstrip("/")

    def _open(self, place: Location, version: str | None) -> Any:
        return self._get(place, version)["Body"]

    def _get(self, place: Location, version: str | None) -> Any:
        request = {"Bucket": place.bucket, "Key": place.key, **({"VersionId": version} if version else {})}
        try:
            return self._s3.get_object(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchVersion", "404"):
                raise NotFound(f"{place.uri} does not exist") from error
            raise
