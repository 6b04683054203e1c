"""A container's first process: starts the command, hands signals on, and lets nothing outlive it.

Run as `python init.py PARENT_PID COMMAND...`. SIGTERM goes to the command, as `docker stop` sends it. SIGUSR1 ends
every process of the container; the kernel sends it when the parent dies, however that happens. Exits as the command
did (128 + signal when a signal ended it).
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(arguments: list[str]) -> int:
    parent, command = int(arguments[0]), arguments[1:]
    handled = {signal.SIGTERM, signal.SIGINT, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, handled)
    _control(_PR_SET_PDEATHSIG, signal.SIGUSR1)
    # A process that detaches itself becomes a child of this one when its parent ends, and is found below.
    _control(_PR_SET_CHILD_SUBREAPER, 1)

    child = os.fork()
    if child == 0:
        _become(command)
    _own_group(child)

    def hand_on(number: int, _frame: FrameType | None) -> None:
        _send(child, number)

    def end_all(_number: int, _frame: FrameType | None) -> None:
        _send_group(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, hand_on)
    signal.signal(signal.SIGINT, hand_on)
    signal.signal(signal.SIGUSR1, end_all)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)
    if os.getppid() != parent:
        # The parent died before the kernel was told to report it.
        end_all(signal.SIGUSR1, None)

    _, status = os.waitpid(child, 0)
    _send_group(child, signal.SIGKILL)
    _end_the_rest()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(command: list[str]) -> None:
    """Replace this (forked) process by the command. Never returns."""
    try:
        os.setpgid(0, 0)
        _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", file=sys.stderr, flush=True)
    finally:
        os._exit(127)


def _own_group(child: int) -> None:
    with contextlib.suppress(OSError):  # The child may have been first.
        os.setpgid(child, child)


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _send_group(group: int, number: int) -> None:
    # Nobody may be left in the group; macOS says so with EPERM.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _end_the_rest() -> None:
    """End the children that had left the command's process group."""
    list_of_children = Path(f"/proc/self/task/{os.getpid()}/children")
    while list_of_children.exists():
        children = [int(child) for child in list_of_children.read_text(encoding="ascii").split()]
        if not children:
            return
        for child in children:
            _send(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _control(option: int, value: int) -> None:
    # Only Linux can tie a process to its parent; elsewhere a killed parent may leave jobs behind.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, int(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
