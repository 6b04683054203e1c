"""The one clock of a local run: real time plus an offset that people and tests can move forward."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """Seconds since the epoch that pass at the usual speed and can be advanced.

    Everything that waits in the embedded AWS waits here, so that a seven-day approval can expire in a second.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        """`offset_file`, where given, always holds the offset in seconds, for processes that share this clock."""
        self._offset = 0.0
        self._changed = threading.Condition()
        self._offset_file = offset_file
        self._before: list[Callable[[], None]] = []
        self._after: list[Callable[[], None]] = []
        self._write()

    def now(self) -> float:
        return time.time() + self._offset

    def datetime(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def iso(self) -> str:
        """ISO 8601 with milliseconds and `Z`, as Step Functions writes it."""
        return self.datetime().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def offset(self) -> float:
        return self._offset

    def before_advance(self, listener: Callable[[], None]) -> None:
        """Have `listener` called before each advance, in the advancing thread (buffers are flushed there)."""
        self._before.append(listener)

    def after_advance(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each advance, in the advancing thread (schedules look at the time there)."""
        self._after.append(listener)

    def advance(self, seconds: float) -> None:
        """Move the clock forward and wake everybody who waits. ValueError for a negative amount."""
        if seconds < 0:
            raise ValueError(f"the clock only goes forward, not by {seconds} s")
        for listener in self._before:
            listener()
        with self._changed:
            self._offset += seconds
            self._write()
            self._changed.notify_all()
        for listener in self._after:
            listener()

    def notify(self) -> None:
        """Wake everybody who waits, to look at their condition again."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, until: float, ready: Callable[[], bool]) -> bool:
        """Block until `ready()` or the time `until` (epoch seconds); say whether it was ready.

        `ready` is called with the clock's lock held: it must be quick and take no other lock.
        """
        with self._changed:
            while not ready():
                left = until - self.now()
                if left <= 0:
                    return False
                # An hour at most: a Condition takes no time-out of years.
                self._changed.wait(min(left, 3600.0))
            return True

    def _write(self) -> None:
        if self._offset_file is None:
            return
        self._offset_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._offset_file.with_suffix(".new")
        fresh.write_text(f"{self._offset!r}\n", encoding="ascii")
        fresh.replace(self._offset_file)
