"""Objects between S3 and folders, as SageMaker moves them before and after a container runs."""

import hashlib
import json
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from local.protocol import Aws

_LINK_FROM = 1024 * 1024
_CHUNK = 4 * 1024 * 1024


class TransferFailed(Exception):
    """Data could not be moved; the message is the FailureReason's, with SageMaker's prefix."""


class S3Object(NamedTuple):
    bucket: str
    key: str
    etag: str
    size: int
    path: str
    """Where it goes, relative to the folder of its input."""


class S3Place(NamedTuple):
    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> "S3Place":
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket, key)


class Transfer:
    """Moves data with the rights of a role.

    Large objects are kept once below `cache`, by bucket, key and etag, and appear in folders as hard links: half a
    gigabyte of weights is then there at once, for every job and endpoint that asks for it.
    """

    def __init__(self, aws: Aws, cache: Path) -> None:
        self._aws = aws
        self._cache = cache
        self._locks: dict[Path, threading.Lock] = {}
        self._lock = threading.Lock()

    def find(self, role: str | None, uri: str, kind: str = "S3Prefix", *, required: bool = True) -> list[S3Object]:
        """What an S3DataSource names. Raises TransferFailed when that is nothing, though it is required."""
        try:
            if kind == "ManifestFile":
                found = [item for entry in self._manifest(role, uri) for item in self._matching(role, entry)]
            else:
                found = list(self._matching(role, uri, exactly=kind == "S3Object"))
        except ClientError as error:
            raise TransferFailed(_download_failure(error)) from error
        if required and not found:
            place = S3Place.parse(uri)
            raise TransferFailed(
                f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure '
                "that the bucket exists in the selected region, that objects exist under that S3 prefix, and that "
                f'the role "{role}" has "s3:ListBucket" permissions on bucket "{place.bucket}".'
            )
        return found

    def download(self, role: str | None, objects: Iterable[S3Object], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        client = self._aws.client("s3", role)
        for item in objects:
            target = folder / PurePosixPath(item.path)
            if not target.resolve().is_relative_to(folder.resolve()):
                raise TransferFailed(f'ClientError: Data download failed: the key "{item.key}" leaves its folder.')
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._place(client, item, target)
            except ClientError as error:
                raise TransferFailed(_download_failure(error)) from error

    def upload_folder(self, role: str | None, folder: Path, uri: str, *, finished: bool = True) -> int:
        """Upload every file below the folder and say how many; links are not followed.

        `finished` files are not written to again, so that they may be handed to later readers as they are.
        """
        place = S3Place.parse(uri)
        files = list(files_below(folder))
        for file in files:
            key = str(PurePosixPath(place.key) / file.relative_to(folder).as_posix())
            self.upload_file(role, file, S3Place(place.bucket, key), finished=finished)
        return len(files)

    def upload_file(self, role: str | None, file: Path, place: S3Place, *, finished: bool = True) -> None:
        try:
            with file.open("rb") as body:
                answer = self._aws.client("s3", role).put_object(Bucket=place.bucket, Key=place.key, Body=body)
        except ClientError as error:
            text = error.response["Error"]
            raise TransferFailed(
                f"ClientError: Artifact upload failed: {text['Code']}: {text.get('Message', '')}"
            ) from error
        if finished and file.stat().st_size >= _LINK_FROM:
            kept = self._kept(place.bucket, place.key, answer["ETag"])
            with self._lock_of(kept):
                if not kept.exists():
                    _link(file, kept)

    def upload_snapshot(self, role: str | None, file: Path, place: S3Place) -> None:
        """Upload a file that its job may be writing to: a body that changes its length breaks the connection."""
        with tempfile.TemporaryFile() as copy:
            with file.open("rb") as body:
                shutil.copyfileobj(body, copy, _CHUNK)
            copy.seek(0)
            try:
                self._aws.client("s3", role).put_object(Bucket=place.bucket, Key=place.key, Body=copy)
            except ClientError as error:
                text = error.response["Error"]
                raise TransferFailed(
                    f"ClientError: Artifact upload failed: {text['Code']}: {text.get('Message', '')}"
                ) from error

    def _manifest(self, role: str | None, uri: str) -> list[str]:
        place = S3Place.parse(uri)
        body = self._aws.client("s3", role).get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
        try:
            first, *rest = json.loads(body)
            return [first["prefix"] + entry for entry in rest]
        except (ValueError, KeyError, TypeError) as error:
            raise TransferFailed(f'ClientError: Data download failed: "{uri}" is no manifest file.') from error

    def _matching(self, role: str | None, uri: str, *, exactly: bool = False) -> Iterator[S3Object]:
        place = S3Place.parse(uri)
        pages = self._aws.client("s3", role).get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=place.bucket, Prefix=place.key):
            for item in page.get("Contents", []):
                key = item["Key"]
                if key.endswith("/") or (exactly and key != place.key):
                    continue
                yield S3Object(place.bucket, key, item["ETag"], item["Size"], _relative(place.key, key))

    def _place(self, client: Any, item: S3Object, target: Path) -> None:
        if item.size < _LINK_FROM:
            target.write_bytes(client.get_object(Bucket=item.bucket, Key=item.key)["Body"].read())
            return
        kept = self._kept(item.bucket, item.key, item.etag)
        with self._lock_of(kept):
            if kept.exists():
                # Asked all the same, so that a role that may not read the object does not get it from here.
                client.head_object(Bucket=item.bucket, Key=item.key)
            else:
                _save(client.get_object(Bucket=item.bucket, Key=item.key)["Body"], kept)
        _link(kept, target)

    def _kept(self, bucket: str, key: str, etag: str) -> Path:
        name = hashlib.sha256("\n".join((bucket, key, etag.strip('"'))).encode()).hexdigest()
        return self._cache / name

    def _lock_of(self, path: Path) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(path, threading.Lock())


def files_below(folder: Path) -> Iterator[Path]:
    """Regular files in a fixed order; symbolic links are left out, as SageMaker leaves them."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _relative(prefix: str, key: str) -> str:
    """Where SageMaker puts a key below the input's folder: what follows the prefix as a folder, else its last part."""
    if prefix and key.startswith(prefix if prefix.endswith("/") else prefix + "/"):
        return key[len(prefix) :].lstrip("/")
    return key[prefix.rfind("/") + 1 :]


def _download_failure(error: ClientError) -> str:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    text = error.response["Error"]
    return f"ClientError: Data download failed:{text['Code']} ({status}): {text.get('Message', '')}"


def _save(body: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with fresh.open("wb") as file:
        for chunk in body.iter_chunks(_CHUNK):
            file.write(chunk)
    fresh.replace(path)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # Another file system, or one without hard links.
        shutil.copyfile(source, target)


class FolderSync:
    """Uploads what changed in a folder since the last time."""

    def __init__(self, transfer: Transfer, role: str, folder: Path, uri: str) -> None:
        self._transfer = transfer
        self._role = role
        self._folder = folder
        self._place = S3Place.parse(uri)
        self._seen: dict[Path, tuple[int, int]] = {}

    def push(self) -> None:
        for file in files_below(self._folder):
            try:
                state = (file.stat().st_mtime_ns, file.stat().st_size)
                if self._seen.get(file) != state:
                    key = str(PurePosixPath(self._place.key) / file.relative_to(self._folder).as_posix())
                    self._transfer.upload_snapshot(self._role, file, S3Place(self._place.bucket, key))
                    self._seen[file] = state
            except FileNotFoundError:
                continue  # The job removed or replaced it meanwhile; the next round sees what is there.
