"""The processes behind endpoints: one for each variant, with its model on disk and its port on this machine."""

import contextlib
import hashlib
import http.client
import socket
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from local.protocol import LocalError
from local.sagemaker.background import Repeating
from local.sagemaker.container import aws_environment, fill, machine_environment
from local.sagemaker.logs import LogStream
from local.sagemaker.machine import Machine
from local.sagemaker.models import Servable
from local.sagemaker.processes import Process
from local.sagemaker.records import Record
from local.sagemaker.transfer import S3Object, TransferFailed

_HEALTH_TIMEOUT = 600.0
_HEALTH_INTERVAL = 0.1
_PING_TIMEOUT = 5.0


class NotServing(Exception):
    """A variant did not come up; the message is the endpoint's FailureReason."""


class Answer(NamedTuple):
    """What a container answered. Status 0: it did not answer in time, or not at all."""

    status: int
    body: bytes
    content_type: str


class Artifacts:
    """Model artifacts as folders. The same objects are one folder, which several endpoints may read."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._folder = machine.folder / "models"
        self._lock = threading.Lock()

    def folder_of(self, servable: Servable) -> Path:
        """The folder with the container's model; TransferFailed when it cannot be read."""
        source = servable.container.get("ModelDataSource", {}).get("S3DataSource")
        if source:
            uri, kind, packed = source["S3Uri"], source["S3DataType"], source["CompressionType"] == "Gzip"
        elif "ModelDataUrl" in servable.container:
            uri, kind, packed = servable.container["ModelDataUrl"], "S3Object", True
        else:
            return self._empty()
        found = self._machine.transfer.find(servable.role or None, uri, kind)
        with self._lock:
            folder = self._folder / _digest(found)
            if not folder.exists():
                self._fetch(servable, found, folder, packed=packed)
        return folder

    def _fetch(self, servable: Servable, found: list[S3Object], folder: Path, *, packed: bool) -> None:
        fresh = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
        self._machine.transfer.download(servable.role or None, found, fresh)
        if packed:
            for item in found:
                _unpack(fresh / item.path, fresh)
        fresh.rename(folder)

    def _empty(self) -> Path:
        folder = self._folder / "empty"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class Variant:
    """One serving process."""

    def __init__(self, machine: Machine, endpoint: str, name: str, weight: float) -> None:
        self.name = name
        self.weight = weight
        self.role = ""
        self._machine = machine
        self._port = _free_port()
        unique = uuid.uuid4().hex[:17]
        folder = machine.folder / "Endpoints" / endpoint / f"{name}-{unique[:8]}"
        self._work = folder / "work"
        self._work.mkdir(parents=True)
        self.stream = f"{name}/i-{unique}"
        self.log = LogStream(machine.aws, f"/aws/sagemaker/Endpoints/{endpoint}", self.stream, folder / "output.log")
        self._logging = Repeating(self.log.flush, machine.settings.sync_interval, f"logs-{endpoint}").start()
        self._process: Process | None = None

    def start(self, servable: Servable, model: Path, timeout: float = _HEALTH_TIMEOUT) -> None:
        """Start to serve and return when /ping answers 200. NotServing when it does not."""
        settings = self._machine.settings
        self.role = servable.role
        environment = {
            **machine_environment(settings),
            **settings.environment,
            "HOME": str(self._work),
            **servable.container.get("Environment", {}),
            **({} if servable.isolated or not servable.role else aws_environment(self._machine.aws, servable.role)),
        }
        command = [fill(part, settings) for part in settings.serve]
        self._process = self._machine.processes.spawn(
            [*command, "--model-dir", str(model), "--port", str(self._port)],
            cwd=self._work,
            environment=environment,
            on_line=self.log.write,
        )
        end = time.monotonic() + timeout
        while not self._healthy():
            if self._process.ended.wait(_HEALTH_INTERVAL) or time.monotonic() > end:
                raise NotServing(
                    f"The primary container for production variant {self.name} did not pass the ping health check. "
                    "Please check CloudWatch logs for this endpoint."
                )

    def invoke(self, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
        """POST to the container."""
        try:
            with self._connection(timeout) as connection:
                connection.request("POST", "/invocations", body, headers)
                response = connection.getresponse()
                kind = response.getheader("Content-Type") or "application/octet-stream"
                return Answer(response.status, response.read(), kind)
        except (OSError, http.client.HTTPException):
            return Answer(0, b"", "")

    def stop(self) -> None:
        process = self._process
        if process is not None and not process.ended.is_set():
            process.kill()
            process.wait(10)
        self._logging.stop()
        self.log.close()

    def _healthy(self) -> bool:
        try:
            with self._connection(_PING_TIMEOUT) as connection:
                connection.request("GET", "/ping")
                response = connection.getresponse()
                response.read()
                return response.status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    @contextlib.contextmanager
    def _connection(self, timeout: float) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            yield connection
        finally:
            connection.close()


class Fleet:
    """The variants of one endpoint under one configuration."""

    def __init__(self, machine: Machine, endpoint: str, config: Record) -> None:
        self.config = config
        self._machine = machine
        self._endpoint = endpoint
        self.variants: list[Variant] = []

    def start(self, variants: list[tuple[dict[str, Any], Servable]], artifacts: Artifacts) -> None:
        """Start all variants; NotServing, with none left running, when one does not come up."""
        try:
            for production, servable in variants:
                variant = Variant(
                    self._machine,
                    self._endpoint,
                    production["VariantName"],
                    production.get("InitialVariantWeight", 1.0),
                )
                self.variants.append(variant)
                timeout = production.get("ContainerStartupHealthCheckTimeoutInSeconds", _HEALTH_TIMEOUT)
                variant.start(servable, artifacts.folder_of(servable), timeout)
        except TransferFailed as failure:
            self.stop()
            raise NotServing(_model_data_failure(failure)) from failure
        except (NotServing, LocalError) as failure:
            self.stop()
            raise NotServing(str(failure)) from failure

    def stop(self) -> None:
        for variant in self.variants:
            variant.stop()


def _model_data_failure(failure: TransferFailed) -> str:
    return (
        "Failed to download model data for the container. Please ensure that there is an object located at the URL "
        f"and that the role passed to CreateModel has permissions to download the object. ({failure})"
    )


def _digest(objects: list[S3Object]) -> str:
    lines = sorted(f"{item.bucket}/{item.key} {item.etag} {item.path}" for item in objects)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise TransferFailed(f"the model artifact is no readable tar archive: {error}") from error
    archive.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
