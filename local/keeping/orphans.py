"""Ends what a killed local run left running."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_FOLDERS = ("HOME", "EMBEDDED_CLOCK_FILE", "FMOPS_ML_ROOT")
"""Variables of which at least one points into the run's folder, in the environment of all that it starts."""
_SECONDS = 10.0


def end(root: Path) -> int:
    """Kill every process that was started by a run below `root`, and wait until it is gone; how many there were.

    A process is known by its own environment, never by an id that somebody wrote down: the id may be another's by now.
    It is held by a descriptor from before it is looked at until it is gone, so no other can take its place in between.
    """
    if not hasattr(os, "pidfd_open") or not _PROC.is_dir():
        return 0
    held = []
    for pid in _pids():
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(pid)
            if _is_of(pid, root):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                held.append(descriptor)
            else:
                os.close(descriptor)
    until = time.monotonic() + _SECONDS
    for descriptor in held:
        select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        os.close(descriptor)
    return len(held)


def _pids() -> Iterator[int]:
    own = os.getpid()
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and int(entry.name) != own)


def _is_of(pid: int, root: Path) -> bool:
    """False too where somebody else's process may not be looked at."""
    variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    begins = tuple(f"{name}={root}/".encode() for name in _FOLDERS)
    return any(variable.startswith(begins) for variable in variables)
