"""Lines of functions and jobs on their way to CloudWatch Logs, in batches, so that no call waits for them."""

import logging
import threading
from collections import defaultdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.protocol import Aws

logger = logging.getLogger(__name__)

_MOST = 1_000
_INTERVAL_SECONDS = 0.5


class LogSink:
    """Collects lines by group and stream; one thread writes them."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._lines: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._known: set[tuple[str, str]] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log sink", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.flush()

    def put(self, group: str, stream: str, message: str) -> None:
        """Take a line. Never blocks on the network."""
        entry = {"timestamp": int(self._aws.clock.now() * 1000), "message": message or " "}
        with self._guard:
            self._lines[group, stream].append(entry)

    def flush(self) -> None:
        """Write everything that was put before this call."""
        with self._writing:
            with self._guard:
                waiting, self._lines = self._lines, defaultdict(list)
            for (group, stream), lines in waiting.items():
                try:
                    self._write(group, stream, sorted(lines, key=lambda line: line["timestamp"]))
                except (BotoCoreError, ClientError) as error:
                    logger.warning("%d lines of %s %s are lost: %s", len(lines), group, stream, error)

    def _run(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            self.flush()

    def _write(self, group: str, stream: str, lines: list[dict[str, Any]]) -> None:
        logs = self._aws.client("logs")
        if (group, stream) not in self._known:
            for create, names in (
                (logs.create_log_group, {"logGroupName": group}),
                (logs.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
            ):
                try:
                    create(**names)
                except logs.exceptions.ResourceAlreadyExistsException:
                    continue
            self._known.add((group, stream))
        for start in range(0, len(lines), _MOST):
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines[start : start + _MOST])
