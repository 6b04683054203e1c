"""Looks at weights in S3 before anything loads them: headers by ranged reads, archives as a stream."""

import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from fmops.core.artifacts import Location, location
from fmops.core.errors import WeightsRefused
from fmops.serving import safetensors
from fmops.serving.models import Artifact

_MOST_FILES = 5_000
_LARGEST_ARCHIVE = 500 * 1024**3
"""Bytes after unpacking: a small archive must not keep a function busy with nothing."""
_ARCHIVES = (".tar.gz", ".tgz")


def must_be_safetensors(artifact: Artifact, s3: Any) -> None:
    """WeightsRefused, with the file, where weights that are not AWS' own are anything but safetensors.

    What AWS publishes is trusted by its hub ARN. `s3` is a boto3 client of S3.
    """
    if not artifact.is_foreign:
        return
    place = location(artifact.data_uri)
    if place.key.endswith(_ARCHIVES):
        _archive(place, s3)
    else:
        _folder(place, s3)


def _folder(prefix: Location, s3: Any) -> None:
    found = 0
    for number, item in enumerate(_objects(prefix, s3), start=1):
        _not_too_many(number, prefix)
        name, size = item["Key"].removeprefix(prefix.key), int(item["Size"])
        if not size:
            continue
        first = _range(s3, prefix.bucket, item, 0, safetensors.PREFIX_BYTES)
        if name.endswith(safetensors.SUFFIX):
            length = safetensors.header_length(first, size)
            header = _range(s3, prefix.bucket, item, 8, length) if length else b""
            _must_hold(name, header, size)
            found += 1
        elif why := safetensors.objection(name, first):
            raise WeightsRefused(_because(prefix, why))
    _must_be_there(found, prefix)


def _archive(place: Location, s3: Any) -> None:
    body = s3.get_object(Bucket=place.bucket, Key=place.key)["Body"]
    found, unpacked = 0, 0
    try:
        stream: Any = _Stream(body)
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for number, member in enumerate(archive, start=1):
                _not_too_many(number, place)
                unpacked += member.size
                if unpacked > _LARGEST_ARCHIVE:
                    raise WeightsRefused(_because(place, "it unpacks to more than any model has"))
                if not (member.isfile() or member.isdir()) or _leads_out(member.name):
                    raise WeightsRefused(_because(place, f"{member.name} is a link, a device or leads out of it"))
                if member.isfile() and member.size:
                    found += _member(archive, member, place)
    except (tarfile.TarError, zlib.error, EOFError, OSError, TypeError) as error:
        # TypeError: what tarfile does with an archive that ends in its first bytes.
        raise WeightsRefused(_because(place, "it is no archive that can be read")) from error
    _must_be_there(found, place)


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Location) -> int:
    content = archive.extractfile(member)
    first = content.read(safetensors.PREFIX_BYTES) if content else b""
    if not member.name.endswith(safetensors.SUFFIX):
        if why := safetensors.objection(member.name, first):
            raise WeightsRefused(_because(place, why))
        return 0
    length = safetensors.header_length(first, member.size)
    header = _rest(content, first[8:], length) if content and length else b""
    _must_hold(member.name, header, member.size)
    return 1


def _rest(content: IO[bytes], begun: bytes, length: int) -> bytes:
    return begun[:length] + content.read(max(0, length - len(begun)))


def _must_hold(name: str, header: bytes, size: int) -> None:
    if not safetensors.is_header(header, size):
        raise WeightsRefused(f"{name} is called safetensors and is none: its header does not describe its content")


def _must_be_there(found: int, place: Location) -> None:
    if not found:
        raise WeightsRefused(_because(place, "it holds no safetensors file"))


def _not_too_many(number: int, place: Location) -> None:
    if number > _MOST_FILES:
        raise WeightsRefused(_because(place, f"it holds more than {_MOST_FILES} files"))


def _because(place: Location, why: str) -> str:
    return f"the weights at {place.uri} are refused: {why}. Save them as safetensors, without code beside them"


def _objects(prefix: Location, s3: Any) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        yield from page.get("Contents", [])


def _range(s3: Any, bucket: str, item: dict[str, Any], start: int, length: int) -> bytes:
    # Of the object that was listed, and no other that took its place meanwhile.
    answer = s3.get_object(
        Bucket=bucket, Key=item["Key"], Range=f"bytes={start}-{start + length - 1}", IfMatch=item["ETag"]
    )
    return bytes(answer["Body"].read())


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")


class _Stream:
    """What tarfile reads of a body: `read` alone."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int) -> bytes:
        return bytes(self._body.read(size))
