"""Work that repeats in a thread of its own until it is stopped."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Repeating:
    """Calls `work` every `seconds` of real time, and once more when it stops."""

    def __init__(self, work: Callable[[], None], seconds: float, name: str) -> None:
        self._work = work
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Repeating":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Do the work a last time and end the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._attempt()
        self._attempt()

    def _attempt(self) -> None:
        try:
            self._work()
        except Exception:
            # The next round may do better; a thread that ended silently never would.
            logger.exception("background work failed", extra={"work": self._thread.name})
