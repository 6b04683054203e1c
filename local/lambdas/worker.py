"""One process of a function, and the Runtime API that its runtime client talks to."""

import json
import os
import queue
import select
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

from local.http_front import HttpFront, Request
from local.lambdas.forks import Forks
from local.lambdas.functions import Function
from local.wire.response import Response

INIT_SECONDS: Final = 10.0
MOST_BYTES: Final = 6 * 1024 * 1024
_WATCH_SECONDS = 0.1
_NOTHING = Response(202, {"content-type": "application/json"}, b'{"status":"OK"}')


class Outcome(NamedTuple):
    """How one call ended. `error` is None when the handler returned."""

    error: str | None
    payload: bytes
    log_tail: str


class _Call(NamedTuple):
    request_id: str
    payload: bytes
    arn: str


class _Event(NamedTuple):
    kind: str
    """next, response, error, init-error, exit"""
    body: bytes = b""


class Worker:
    """A started process. `call` it from one thread at a time; after an outcome that killed it, `alive` is false."""

    def __init__(
        self, function: Function, forks: Forks, environment: dict[str, str], write: Callable[[str, str], None]
    ) -> None:
        """`write` takes a log stream's name and a line."""
        self.function = function
        self.idle_since = time.monotonic()
        moment = time.strftime("%Y/%m/%d", time.gmtime())
        self.stream = f"{moment}/[{function.version}]{uuid.uuid4().hex}"
        self._write = write
        self._events: queue.Queue[_Event] = queue.Queue()
        self._todo: queue.Queue[_Call | None] = queue.Queue()
        self._tail: deque[str] = deque(maxlen=200)
        self._output = threading.Lock()
        self._unfinished = b""
        self._ready = False
        self._stopping = threading.Lock()
        self._front = HttpFront(self._answer, 0, f"the Runtime API of {function.name}")
        self._started = time.monotonic()
        try:
            self._process = forks.start(function.layers, environment | self._own_environment(), function.folder)
        except BaseException:
            self._front.stop()
            raise
        self._front.start()
        self._reader = threading.Thread(target=self._read, name=f"output of {function.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def call(self, payload: bytes, request_id: str, arn: str) -> Outcome:
        """Run the handler once, with its time and memory limits."""
        self._tail.clear()
        self._line(f"START RequestId: {request_id} Version: {self.function.version}")
        self._todo.put(_Call(request_id, payload, arn))
        begun = time.monotonic()
        initialised = 0.0
        if not self._ready:
            # Lambda gives initialisation ten seconds of its own before it counts against the call.
            event = self._await(("next", "init-error"), begun + INIT_SECONDS + self.function.timeout)
            initialised = time.monotonic() - self._started
            if event.kind != "next":
                return self._failed(event, request_id, begun, initialised)
            self._ready = True
            begun = time.monotonic()
        event = self._await(("response", "error"), begun + self.function.timeout)
        if event.kind not in ("response", "error"):
            return self._failed(event, request_id, begun, initialised)
        return self._answered(event, request_id, begun, initialised)

    def stop(self) -> None:
        """Kill the process and all that it started. May be called twice."""
        if self._stopping.acquire(blocking=False):
            self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._todo.put(None)
        self._reader.join(timeout=2)
        self._front.stop()

    # ---- the outcome

    def _answered(self, event: _Event, request_id: str, begun: float, initialised: float) -> Outcome:
        error, body = (None, event.body) if event.kind == "response" else ("Unhandled", event.body)
        if len(body) > MOST_BYTES + 100:
            error = "Unhandled"
            body = _error(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({MOST_BYTES + 100} bytes).",
            )
        elif error is None and (wrong := _not_json(body)):
            error, body = "Unhandled", _error("Runtime.MarshalError", f"Unable to marshal response: {wrong}")
        # What the handler printed before it answered is in the pipe by now, and belongs before the call's end.
        self._take_output(self._process.stdout)
        self._report(request_id, begun, initialised)
        return Outcome(error, body, "\n".join(self._tail))

    def _failed(self, event: _Event, request_id: str, begun: float, initialised: float) -> Outcome:
        match event.kind:
            case "init-error":
                body = event.body
            case "timeout":
                text = f"Task timed out after {self.function.timeout:.2f} seconds"
                self._line(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {request_id} {text}")
                body = _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
            case _:
                how = event.body.decode()
                body = _error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")
        self._report(request_id, begun, initialised)
        tail = "\n".join(self._tail)
        self.stop()
        return Outcome("Unhandled", body, tail)

    def _report(self, request_id: str, begun: float, initialised: float) -> None:
        took = (time.monotonic() - begun) * 1000
        self._line(f"END RequestId: {request_id}")
        start = f"\tInit Duration: {initialised * 1000:.2f} ms" if initialised else ""
        self._line(
            f"REPORT RequestId: {request_id}\tDuration: {took:.2f} ms\tBilled Duration: {int(took) + 1} ms\t"
            f"Memory Size: {self.function.memory_mb} MB\tMax Memory Used: {self._memory_mb('VmHWM')} MB{start}"
        )

    def _await(self, wanted: tuple[str, ...], until: float) -> _Event:
        """The next event of a wanted kind; or that the process ended, took too much memory, or took too long."""
        while True:
            try:
                event = self._events.get(timeout=max(0.0, min(_WATCH_SECONDS, until - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= until:
                    return _Event("timeout")
                # Resident memory, not RLIMIT_AS: numpy's libraries map far more than they use.
                if not self.alive:
                    # Something that the function started may hold its output open.
                    return _Event("exit", b"the process ended")
                if self._memory_mb("VmRSS") > self.function.memory_mb:
                    return _Event("exit", b"signal: killed (out of memory)")
                continue
            if event.kind in wanted or event.kind == "exit":
                return event

    def _memory_mb(self, field: str) -> int:
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        found = next((line for line in lines.splitlines() if line.startswith(field)), "x 0")
        return int(found.split()[1]) // 1024

    # ---- the process's output

    def _line(self, line: str) -> None:
        self._tail.append(line)
        self._write(self.stream, line)

    def _take_output(self, stdout: FileIO) -> bool:
        """Log the lines that are in the pipe, without waiting for more; whether it has ended."""
        with self._output:
            while not stdout.closed and select.select([stdout], [], [], 0)[0]:
                chunk = os.read(stdout.fileno(), 65_536)
                if not chunk:
                    return True
                *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
                for line in lines:
                    self._output_line(line)
            return stdout.closed

    def _output_line(self, raw: bytes) -> None:
        self._line(raw.decode("utf-8", errors="replace").replace("\r", "\n"))

    def _read(self) -> None:
        with self._process.stdout as stdout:
            ended = False
            while not ended:
                select.select([stdout], [], [])
                ended = self._take_output(stdout)
        if self._unfinished:
            self._output_line(self._unfinished)
        code = self._process.wait()
        how = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        self._events.put(_Event("exit", how.encode()))

    # ---- the Runtime API

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            self._events.put(_Event("next"))
            call = self._todo.get()
            if call is None:
                return Response(410, {}, b"")
            return Response(200, self._headers(call), call.payload)
        kind = request.target.rsplit("/", 1)[-1]
        if "/init/" in request.target:
            kind = "init-error"
        self._events.put(_Event(kind, request.body))
        return _NOTHING

    def _headers(self, call: _Call) -> dict[str, str]:
        deadline = int((time.time() + self.function.timeout) * 1000)
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": call.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": call.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }

    def _own_environment(self) -> dict[str, str]:
        function = self.function
        return {
            "_HANDLER": function.handler,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._front.port}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "LAMBDA_TASK_ROOT": str(function.folder),
            "LAMBDA_RUNTIME_DIR": "",
        }


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _not_json(body: bytes) -> str:
    def refuse(constant: str) -> None:
        raise ValueError(f"Out of range float values are not JSON compliant: {constant}")

    try:
        json.loads(body, parse_constant=refuse)
    except ValueError as error:
        return str(error)
    return ""
