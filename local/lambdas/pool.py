"""Processes of all functions: reused while warm, started when calls overlap, few when idle."""

import os
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from local.lambdas.forks import Forks
from local.lambdas.functions import Function
from local.lambdas.logs import LogSink
from local.lambdas.worker import Outcome, Worker
from local.protocol import AwsError

_MOST_BUSY = 24
_MOST_IDLE = 48
_IDLE_SECONDS = 300.0


class Pool:
    """At most 24 busy processes (further calls wait) and 48 idle ones, which share most of their memory."""

    def __init__(
        self,
        credentials: Callable[[Function], dict[str, str]],
        url: Callable[[], str],
        root: Path,
        sink: LogSink,
        metrics: Callable[[str], None],
    ) -> None:
        """`metrics` is given each output line that holds metrics in CloudWatch's embedded format."""
        self._credentials = credentials
        self._url = url
        self._root = root
        self._sink = sink
        self._metrics = metrics
        self._forks = Forks()
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._starting = 0
        self._stopped = False

    def run(self, function: Function, payload: bytes, arn: str, most: int | None) -> tuple[str, Outcome]:
        """Call a function; the request id and how it ended. `most` is its reserved concurrency."""
        request_id = str(uuid.uuid4())
        worker = self._take(function, most)
        try:
            outcome = worker.call(payload, request_id, arn)
        finally:
            self._give_back(worker)
        return request_id, outcome

    def retire(self, name: str) -> None:
        """End the idle processes of a function that has changed."""
        with self._changed:
            gone = [worker for worker in self._idle if worker.function.name == name]
            self._idle = [worker for worker in self._idle if worker.function.name != name]
        for worker in gone:
            worker.stop()

    def busy(self) -> list[int]:
        """The processes that answer calls now, by id."""
        with self._changed:
            return [worker.pid for worker in self._busy]

    def reap(self) -> None:
        """End processes that nobody has called for a while."""
        limit = time.monotonic() - _IDLE_SECONDS
        with self._changed:
            gone = [worker for worker in self._idle if worker.idle_since < limit]
            self._idle = [worker for worker in self._idle if worker.idle_since >= limit]
        for worker in gone:
            worker.stop()

    def stop(self) -> None:
        """End every process, also of calls that are running."""
        with self._changed:
            self._stopped = True
            gone = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for worker in gone:
            worker.stop()
        self._forks.stop()

    def _take(self, function: Function, most: int | None) -> Worker:
        with self._changed:
            running = sum(1 for worker in self._busy if worker.function.name == function.name)
            if most is not None and running >= most:
                raise AwsError(
                    "TooManyRequestsException",
                    "Rate Exceeded.",
                    429,
                    {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User"},
                )
            while not self._is_stopped() and len(self._busy) + self._starting >= _MOST_BUSY:
                self._changed.wait()
            if self._is_stopped():
                raise AwsError("ServiceException", "the embedded AWS is stopping", 503)
            for index in range(len(self._idle) - 1, -1, -1):
                if self._idle[index].function.revision == function.revision and self._idle[index].alive:
                    worker = self._idle.pop(index)
                    self._busy.add(worker)
                    return worker
            self._starting += 1
        try:
            worker = self._start(function)
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()
        with self._changed:
            if not self._stopped:
                self._busy.add(worker)
                return worker
        worker.stop()
        raise AwsError("ServiceException", "the embedded AWS is stopping", 503)

    def _is_stopped(self) -> bool:
        return self._stopped

    def _give_back(self, worker: Worker) -> None:
        evicted = None
        with self._changed:
            self._busy.discard(worker)
            self._changed.notify_all()
            if worker.alive and not self._stopped:
                worker.idle_since = time.monotonic()
                self._idle.append(worker)
                if len(self._idle) > _MOST_IDLE:
                    evicted = self._idle.pop(0)
            else:
                evicted = worker
        if evicted is not None:
            evicted.stop()

    def _start(self, function: Function) -> Worker:
        def write(stream: str, line: str) -> None:
            self._sink.put(function.log_group, stream, line)
            if line.startswith("{") and '"_aws"' in line:
                self._metrics(line)

        return Worker(function, self._forks, self._environment(function), write)

    def _environment(self, function: Function) -> dict[str, str]:
        """Nothing of this process's environment but what a program needs to run at all."""
        scratch = self._root / "tmp" / function.name
        scratch.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(map(str, (function.folder, *function.layers))),
            # As Lambda sets it; a library that asks for many threads would only fight for two cores.
            "OPENBLAS_NUM_THREADS": "1",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self._url(),
            "EMBEDDED_CLOCK_FILE": str(self._root / "clock"),
            **function.environment,
            **self._credentials(function),
        }
