"""What a job or endpoint prints, as a CloudWatch Logs stream and as a file on this machine."""

import threading
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.protocol import Aws

_MOST_EVENTS = 1000
_LONGEST_EVENT = 200_000


class LogStream:
    """Lines are kept until `flush`; the file is written at once."""

    def __init__(self, aws: Aws, group: str, stream: str, file: Path) -> None:
        self._aws = aws
        self._group = group
        self._stream = stream
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._created = False
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        event = {"timestamp": round(self._aws.clock.now() * 1000), "message": line[:_LONGEST_EVENT]}
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            if line:  # CloudWatch Logs refuses an empty message.
                self._lines.append(event)

    def flush(self) -> None:
        with self._flushing:
            with self._lock:
                lines, self._lines = self._lines, []
            if not lines:
                return
            client = self._aws.client("logs")
            if not self._created:
                self._create(client)
            for start in range(0, len(lines), _MOST_EVENTS):
                client.put_log_events(
                    logGroupName=self._group,
                    logStreamName=self._stream,
                    logEvents=lines[start : start + _MOST_EVENTS],
                )

    def close(self) -> None:
        self.flush()
        with self._lock:
            self._file.close()

    def _create(self, client: Any) -> None:
        for create, names in (
            (client.create_log_group, {"logGroupName": self._group}),
            (client.create_log_stream, {"logGroupName": self._group, "logStreamName": self._stream}),
        ):
            try:
                create(**names)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
        self._created = True
