"""Says what moves while the demonstration waits: journeys, their states, jobs, and how far each is."""

import threading
import time
from collections.abc import Callable
from typing import Any

from fmops_cli.reading import JOURNEYS, Reader, current_states
from local.embedded import EmbeddedAws

_EVERY = 1.0
_JOB_EVERY = 5.0
_ENDED = ("Completed", "Failed", "Stopped")

Say = Callable[[str], None]


class Progress:
    """Watches in a thread of its own and says each change once."""

    def __init__(self, aws: EmbeddedAws, reader: Reader, say: Say) -> None:
        self._aws, self._reader, self._say = aws, reader, say
        self._told: dict[str, str] = {}
        self._told_at: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=10)

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            for journey in JOURNEYS:
                for execution in self._reader.executions(journey):
                    self._journey(journey, execution)
            for job in self._jobs():
                self._job(*job)

    def _journey(self, journey: str, execution: dict[str, Any]) -> None:
        key = execution["executionArn"]
        if self._told.get(key) in ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"):
            return
        if execution["status"] == "RUNNING":
            where = " › ".join(dict.fromkeys(current_states(self._reader.history(key))))
            self._tell(key, where, f"{journey} {execution['name']}: {where}")
        else:
            self._tell(key, execution["status"], f"{journey} {execution['name']}: {execution['status'].lower()}")

    def _jobs(self) -> list[tuple[str, str, str]]:
        sagemaker = self._aws.client("sagemaker")
        training = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
        processing = sagemaker.list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]
        return [("training", j["TrainingJobName"], j["TrainingJobStatus"]) for j in training] + [
            ("processing", j["ProcessingJobName"], j["ProcessingJobStatus"]) for j in processing
        ]

    def _job(self, kind: str, name: str, status: str) -> None:
        if self._told.get(name) in _ENDED:
            return
        if status in _ENDED:
            self._tell(name, status, f"{kind} job {name}: {status.lower()}")
            return
        progress = self._aws.sagemaker.progress(name)
        if progress and time.monotonic() - self._told_at.get(name, 0) >= _JOB_EVERY:
            self._told_at[name] = time.monotonic()
            how_far = f"{progress.stage} {progress.done} of {progress.total}"
            self._tell(name, how_far, f"{kind} job {name}: {how_far}")

    def _tell(self, key: str, state: str, text: str) -> None:
        if state and self._told.get(key) != state:
            self._told[key] = state
            self._say(text)


def wait_until(what: str, done: Callable[[], Any], seconds: float) -> Any:
    """The first true answer of `done`. TimeoutError says what was waited for."""
    end = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        if time.monotonic() >= end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)
