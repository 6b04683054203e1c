"""Says how far the job is: a line on stdout, and a file that SageMaker uploads as it changes."""

import time
from pathlib import Path

from fmops.evaluation.models import PROGRESS_FILE, Progress, Stage

_EVERY_SECONDS = 1.0


class Reporter:
    """Reports at most once a second, and the end of each stage always."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / PROGRESS_FILE
        self._last = 0.0

    def report(self, stage: Stage, done: int, total: int) -> None:
        """`done` of `total` rows are through `stage`."""
        now = time.monotonic()
        if done < total and now - self._last < _EVERY_SECONDS:
            return
        self._last = now
        print(f"{stage.value}={done}/{total}", flush=True)
        unfinished = self._file.with_suffix(".part")
        unfinished.write_text(Progress(stage=stage, done=done, total=total).model_dump_json())
        # Never half a file: it may be read and uploaded at any moment.
        unfinished.rename(self._file)
