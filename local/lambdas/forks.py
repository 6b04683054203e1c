"""Starts functions' processes: by a server for each set of layers, which has loaded what most of them load."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Final

from local.protocol import AwsError, LocalError

_PROGRAM: Final = "local.lambdas.fork_server"
_ROOT: Final = Path(__file__).parents[2]
_LOOK_SECONDS: Final = 0.05


class Fork:
    """A started process. Safe to ask from several threads."""

    def __init__(self, output: int, status: int) -> None:
        """Takes both descriptors over. LocalError where the server ended before it had started the process."""
        self.stdout = FileIO(output)
        self._status = FileIO(status)
        self._guard = threading.Lock()
        self._code: int | None = None
        self._said = b""
        while b"\n" not in self._said:
            if not (more := self._status.read(64)):
                self.stdout.close()
                self._status.close()
                raise LocalError("the server that starts functions' processes ended")
            self._said += more
        first, _, self._said = self._said.partition(b"\n")
        self.pid = int(first)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        with self._guard:
            if self._code is None and select.select([self._status], [], [], 0)[0]:
                self._said += self._status.read(64)
                # Without a word the server was killed, and with it what it had started.
                self._code = int(self._said or -signal.SIGKILL)
                self._status.close()
            return self._code

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        while (code := self.poll()) is None:
            # Somebody else may hear of it first, and closes the pipe.
            with contextlib.suppress(OSError, ValueError):
                select.select([self._status], [], [], _LOOK_SECONDS)
        return code

    def kill(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class _Server:
    def __init__(self, path: str) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno())],
                env={
                    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                    "LANG": "C.UTF-8",
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONPATH": os.pathsep.join((str(_ROOT), path)),
                },
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, environment: Mapping[str, str], cwd: Path) -> Fork:
        request = json.dumps({"environment": dict(environment), "cwd": str(cwd)}).encode()
        output, their_output = os.pipe()
        status, their_status = os.pipe()
        try:
            socket.send_fds(self._socket, [request], [their_output, their_status])
        except OSError:
            os.close(output)
            os.close(status)
            raise
        finally:
            os.close(their_output)
            os.close(their_status)
        return Fork(output, status)

    def stop(self) -> None:
        self._socket.close()
        self._process.wait()


class Forks:
    """The servers. A new one takes the place of one that was killed."""

    def __init__(self) -> None:
        self._servers: dict[str, _Server] = {}
        self._stopped = False
        self._guard = threading.Lock()

    def start(self, layers: tuple[Path, ...], environment: Mapping[str, str], cwd: Path) -> Fork:
        """A process that becomes the function of this environment. AwsError once they were stopped."""
        path = os.pathsep.join(map(str, layers))
        server = self._server(path)
        try:
            return server.start(environment, cwd)
        except (OSError, LocalError):
            return self._server(path, server).start(environment, cwd)

    def stop(self) -> None:
        """End the servers and every process that they started; nothing is started any more."""
        with self._guard:
            self._stopped = True
            for server in self._servers.values():
                server.stop()
            self._servers.clear()

    def _server(self, path: str, broken: _Server | None = None) -> _Server:
        with self._guard:
            if self._stopped:
                raise AwsError("ServiceException", "the embedded AWS is stopping", 503)
            found = self._servers.get(path)
            if found is None or found is broken:
                if found:
                    found.stop()
                found = self._servers[path] = _Server(path)
            return found
