"""Processes that end with this one: each runs under `init.py`, started by one thread that outlives them."""

import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.protocol import LocalError

logger = logging.getLogger(__name__)

_INIT = Path(__file__).with_name("init.py")
_LONGEST_LINE = 64 * 1024


class Process:
    """A running command with everything that it starts."""

    def __init__(self, popen: "subprocess.Popen[str]", on_line: Callable[[str], None]) -> None:
        self._popen = popen
        self._on_line = on_line
        self.ended = threading.Event()
        self.returncode: int | None = None

    def watch(self, on_end: Callable[[], None]) -> None:
        """Begin to read the output; call `on_end` once, when the command has ended."""
        threading.Thread(target=self._read, args=(on_end,), name=f"output-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def terminate(self) -> None:
        """Ask the command to end (SIGTERM)."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the command and all that it started."""
        self._send(signal.SIGUSR1)

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit code, or None when the command still runs after `seconds`."""
        self.ended.wait(seconds)
        return self.returncode

    def _send(self, number: signal.Signals) -> None:
        # send_signal polls first, so a process id that was given away again is never signalled.
        self._popen.send_signal(number)

    def _read(self, on_end: Callable[[], None]) -> None:
        stream = self._popen.stdout
        if stream is not None:
            with stream:
                for line in iter(lambda: stream.readline(_LONGEST_LINE), ""):
                    self._report(line.rstrip("\n"))
        code = self._popen.wait()
        # Negative when a signal ended `init.py` itself; a shell and Docker say 128 + signal.
        self.returncode = code if code >= 0 else 128 - code
        self.ended.set()
        on_end()

    def _report(self, line: str) -> None:
        try:
            self._on_line(line)
        except Exception:
            # Whoever listens must not stop the pipe from being read: the job would hang on a full one.
            logger.exception("a line of output could not be handled", extra={"pid": self.pid})


@dataclass
class _Order:
    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    on_line: Callable[[str], None]
    on_end: Callable[[], None]
    done: threading.Event = field(default_factory=threading.Event)
    process: Process | None = None
    error: OSError | None = None


class Processes:
    """Starts processes and ends all of them on `stop`."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: set[Process] = set()
        self._closed = False
        # The kernel reports the death of the thread that started a process, not of the whole program:
        # so one thread starts them all and ends last.
        self._starter: threading.Thread | None = None

    def spawn(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str], None] = lambda _line: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> Process:
        """Start a command with exactly this environment; LocalError when the machine cannot."""
        order = _Order(command, cwd, environment, on_line, on_end)
        with self._lock:
            if self._closed:
                raise LocalError("The embedded AWS is stopping and starts no more processes.")
            if self._starter is None:
                self._starter = threading.Thread(target=self._serve, name="sagemaker-processes", daemon=True)
                self._starter.start()
            self._orders.put(order)
        order.done.wait()
        if order.process is None:
            raise LocalError(f"Cannot start {command[0]}: {order.error}.") from order.error
        return order.process

    def running(self) -> list[int]:
        """The ids of the first processes of all that run."""
        with self._lock:
            return [process.pid for process in self._running]

    def stop(self) -> None:
        """End every process that still runs, then the thread that started them."""
        with self._lock:
            self._closed = True
            self._orders.put(None)
        if self._starter is not None:
            self._starter.join()

    def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            try:
                order.process = self._start(order)
            except OSError as error:
                order.error = error
            order.done.set()
        with self._lock:
            left = list(self._running)
        for process in left:
            process.kill()
        for process in left:
            process.wait(10)

    def _start(self, order: _Order) -> Process:
        popen = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_INIT), str(os.getpid()), *order.command],
            cwd=order.cwd,
            env=dict(order.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

        process = Process(popen, order.on_line)
        with self._lock:
            self._running.add(process)

        def ended() -> None:
            with self._lock:
                self._running.discard(process)
            order.on_end()

        process.watch(ended)
        return process
