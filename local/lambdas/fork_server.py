"""Runs as a process of its own: loads once what most functions load, and forks a process for each that is to start.

A function's own code, its environment and its clients are new in each; only packages of others that were found on the
layers' path are there already. `python -P fork_server.py FD` takes requests from the socket FD, one datagram each: JSON
of `environment` and `cwd`, with the descriptors of the output and of a pipe. Into the pipe goes the pid, and when the
process has ended its exit code (negative: the signal). When the socket is closed, every process is killed.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any, Final, NamedTuple

from local.lambdas import bootstrap

_MOST_BYTES: Final = 1 << 17
_PR_SET_PDEATHSIG: Final = 1
_SHARED: Final = (
    "boto3.dynamodb.types",
    "boto3.s3.inject",
    "botocore.auth",
    "botocore.client",
    "botocore.endpoint",
    "botocore.httpsession",
    "botocore.parsers",
    "botocore.retries.standard",
    "pydantic.json_schema",
    "pydantic.main",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
)


class _Birth(NamedTuple):
    """What a forked process is to become."""

    environment: dict[str, str]
    cwd: str
    output: int


class _Served(NamedTuple):
    pid: int
    status: int
    """The pipe that its end is written to."""


def main() -> None:
    birth = _serve(socket.socket(fileno=int(sys.argv[1])))
    if birth is not None:
        _become(birth)
        bootstrap.main()


def _load() -> None:
    for name in _SHARED:
        # Not every function has each of them.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(ImportError):
        # The first model of a process looks for plugins in all packages.
        importlib.import_module("pydantic").create_model("First")
    # Collections in a forked process would otherwise write to, and so copy, every page that it shares.
    gc.freeze()


def _serve(requests: socket.socket) -> _Birth | None:
    """In the server: None, at its end. In a forked process: what it becomes."""
    _load()
    running: dict[int, _Served] = {}
    waiting = select.poll()
    waiting.register(requests, select.POLLIN)
    while True:
        for descriptor, _ in waiting.poll():
            if descriptor != requests.fileno():
                waiting.unregister(descriptor)
                _bury(descriptor, running.pop(descriptor))
                continue
            message, descriptors, _, _ = socket.recv_fds(requests, _MOST_BYTES, 2)
            if not message:
                for served in running.values():
                    _kill(served.pid)
                return None
            request: dict[str, Any] = json.loads(message)
            output, status = descriptors
            pid = os.fork()
            if not pid:
                for handle in (requests.detach(), status, *running, *(served.status for served in running.values())):
                    os.close(handle)
                return _Birth(request["environment"], request["cwd"], output)
            os.close(output)
            _lead(pid)
            handle = os.pidfd_open(pid)
            running[handle] = _Served(pid, status)
            waiting.register(handle, select.POLLIN)
            _tell(status, pid)


def _bury(handle: int, served: _Served) -> None:
    os.close(handle)
    _, ended = os.waitpid(served.pid, 0)
    _tell(served.status, os.waitstatus_to_exitcode(ended))
    os.close(served.status)


def _tell(status: int, number: int) -> None:
    # Whoever asked may be gone.
    with contextlib.suppress(BrokenPipeError):
        os.write(status, b"%d\n" % number)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _lead(pid: int) -> None:
    """Make a forked process lead a group, to be killed with all that it starts; said on both sides, as one is first."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)


def _become(birth: _Birth) -> None:
    _lead(os.getpid())
    # The server may be killed.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(birth.output, 1)
    os.dup2(birth.output, 2)
    os.close(birth.output)
    os.chdir(birth.cwd)
    inherited = set(_path())
    os.environ.clear()
    os.environ.update(birth.environment)
    time.tzset()
    sys.path[:] = [*_path(), *(place for place in sys.path if place not in inherited)]


def _path() -> list[str]:
    return os.environ.get("PYTHONPATH", "").split(os.pathsep)


if __name__ == "__main__":
    main()
