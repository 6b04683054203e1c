"""The process behind a model: started when it is first asked, ended with the embedded AWS."""

import http.client
import json
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from local.bedrock.catalogue import FoundationModel
from local.ports import free_port
from local.protocol import Aws, LocalError
from local.sagemaker.container import fill, machine_environment
from local.sagemaker.processes import Process, Processes
from local.sagemaker.settings import JobSettings

_HEALTH_TIMEOUT = 600.0
_HEALTH_INTERVAL = 0.1


class Reply(NamedTuple):
    """What the model's server answered. Status 0: nothing in time."""

    status: int
    document: dict[str, Any]


class NotServing(Exception):
    """The model's server did not come up; its log says why."""


class Served:
    """One model's server."""

    def __init__(self, aws: Aws, settings: JobSettings, processes: Processes, model: FoundationModel) -> None:
        self._settings = settings
        self._processes = processes
        self._model = model
        self._folder = aws.root / "bedrock" / model.model_id.replace(":", "-")
        self._port = 0
        self._process: Process | None = None
        self._lock = threading.Lock()

    def ask(self, body: dict[str, Any]) -> Reply:
        """The server's answer. NotServing where it does not come up."""
        self._ensure()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._settings.invocation_timeout)
        try:
            connection.request("POST", "/converse", json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            return Reply(response.status, json.loads(response.read()))
        except (OSError, http.client.HTTPException, ValueError):
            return Reply(0, {})
        finally:
            connection.close()

    def _ensure(self) -> None:
        with self._lock:
            if self._process is not None and not self._process.ended.is_set():
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            self._port = free_port()
            log = self._folder / "output.log"
            command = [fill(part, self._settings) for part in self._settings.converse]
            try:
                self._process = self._processes.spawn(
                    [*command, "--model-dir", str(self._model.folder), "--port", str(self._port)],
                    cwd=self._folder,
                    environment={
                        **machine_environment(self._settings),
                        **self._settings.environment,
                        "HOME": str(self._folder),
                    },
                    on_line=lambda line: _append(log, line),
                )
            except LocalError as error:
                raise NotServing(str(error)) from error
            self._wait(self._process)

    def _wait(self, process: Process) -> None:
        end = time.monotonic() + _HEALTH_TIMEOUT
        while not self._healthy():
            if process.ended.wait(_HEALTH_INTERVAL) or time.monotonic() > end:
                raise NotServing(f"the server of {self._model.model_id} did not come up")

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _append(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as log:
        log.write(line + "\n")
