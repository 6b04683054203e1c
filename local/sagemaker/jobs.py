"""What training and processing jobs have in common: a thread that walks a job through, and its running container."""

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from local.protocol import AwsError, LocalError
from local.sagemaker.background import Repeating
from local.sagemaker.container import Container
from local.sagemaker.faults import INTERNAL, NO_CAPACITY
from local.sagemaker.logs import LogStream
from local.sagemaker.machine import Machine
from local.sagemaker.processes import Process
from local.sagemaker.transfer import TransferFailed

logger = logging.getLogger(__name__)

LONGEST_REASON = 1024
DAY = 86400

_COUNTED = re.compile(r"\b([A-Za-z_]+)=(\d+)/(\d+)")


class Progress(NamedTuple):
    """How far a job is: `Progress("step", 3, 38)`."""

    stage: str
    done: int
    total: int


class Why(StrEnum):
    """Why a container ended."""

    EXITED = "exited"
    STOPPED = "stopped"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    """The instance went without a warning: what the container did not upload by then is gone."""


class Ending(NamedTuple):
    why: Why
    code: int


class JobFailed(Exception):
    """The job ends as Failed; the message is its FailureReason."""


class JobStopped(Exception):
    """Somebody stopped the job before its container ran."""


class Abandoned(Exception):
    """The embedded AWS stops; the job ends without a word."""


class JobRun:
    """One job while it lives: what others ask of it, and its container."""

    def __init__(self, machine: Machine, name: str, container: Container, log: LogStream) -> None:
        self.name = name
        self.container = container
        self.log = log
        self.progress_file: Path | None = None
        self._machine = machine
        self._stop = False
        self._interrupted = False
        self._lost = False
        self.abandoned = False
        self._process: Process | None = None
        self._progress: Progress | None = None
        self._on_line: Callable[[str], None] = lambda _line: None

    def stop(self) -> None:
        self._stop = True
        self._machine.clock.notify()

    def interrupt(self, *, warned: bool = True) -> None:
        """Take the instance away: with SIGTERM and a grace, as a spot interruption does, or at once."""
        self._interrupted = True
        self._lost = not warned
        self._machine.clock.notify()

    def abandon(self) -> None:
        self.abandoned = True
        self._machine.clock.notify()

    def check(self) -> None:
        """Raise when the job is to go no further."""
        if self.abandoned:
            raise Abandoned
        if self._stop:
            raise JobStopped

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until this machine has room for one more container."""
        while not self._machine.slots.acquire(timeout=0.1):
            self.check()
        try:
            yield
        finally:
            self._machine.slots.release()

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        until: float,
        on_line: Callable[[str], None] = lambda _line: None,
        on_tick: Callable[[], None] = lambda: None,
    ) -> Ending:
        """Run the container until it ends by itself or has to, at the time `until` at the latest."""
        machine = self._machine
        self._on_line = on_line
        self._interrupted = self._lost = False
        process = machine.processes.spawn(
            command,
            cwd=self.container.work,
            environment=environment,
            on_line=self._line,
            on_end=machine.clock.notify,
        )

        def tick() -> None:
            self.log.flush()
            on_tick()

        ticks = Repeating(tick, machine.settings.sync_interval, f"sync-{self.name}").start()
        try:
            machine.clock.wait(until, lambda: process.ended.is_set() or self._asked)
            why = self._why(process)
            if why is Why.LOST:
                process.kill()
            elif not process.ended.is_set():
                process.terminate()
                if process.wait(machine.settings.stop_grace) is None:
                    process.kill()
            code = process.wait()
        finally:
            ticks.stop()
        if self.abandoned or code is None:
            raise Abandoned
        return Ending(why, code)

    def progress(self) -> Progress | None:
        """The newest of what the job wrote into its progress file or counted on stdout."""
        return self._written_progress() or self._progress

    @property
    def _asked(self) -> bool:
        return self._stop or self._interrupted or self.abandoned

    def _why(self, process: Process) -> Why:
        if self._stop:
            return Why.STOPPED
        if self._interrupted:
            return Why.LOST if self._lost else Why.INTERRUPTED
        return Why.EXITED if process.ended.is_set() else Why.TIMED_OUT

    def _line(self, line: str) -> None:
        self.log.write(line)
        counted = _COUNTED.search(line)
        if counted:
            self._progress = Progress(counted[1], int(counted[2]), int(counted[3]))
        self._on_line(line)

    def _written_progress(self) -> Progress | None:
        if self.progress_file is None:
            return None
        try:
            written = json.loads(self.progress_file.read_text(encoding="utf-8"))
            self._progress = Progress(str(written["stage"]), int(written["done"]), int(written["total"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # Not written yet, or half of it.
        return self._progress


class Outcomes(NamedTuple):
    """What a family of jobs does when a job ends otherwise than by its own work."""

    failed: Callable[[str, str], None]
    """Takes the job's name and the reason."""
    stopped: Callable[[str], None]


class Runs:
    """The threads that walk jobs through, and the jobs that they walk."""

    def __init__(self, machine: Machine, kind: str, outcomes: Outcomes) -> None:
        """`kind` names the log group: "TrainingJobs"."""
        self._machine = machine
        self._kind = kind
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._runs: dict[str, JobRun] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, name: str, work: Callable[[JobRun], None]) -> None:
        """Walk the job through `work` in a thread of its own."""
        machine = self._machine
        folder = machine.folder / self._kind / name
        stream = f"{name}/algo-1-{round(machine.clock.now() * 1000)}"
        log = LogStream(machine.aws, f"/aws/sagemaker/{self._kind}", stream, folder / "output.log")
        run = JobRun(machine, name, Container(folder), log)
        thread = threading.Thread(target=self._walk, args=(run, work), name=f"job-{name}", daemon=True)
        with self._lock:
            self._runs[name] = run
            self._threads = [*(thread for thread in self._threads if thread.is_alive()), thread]
            thread.start()

    def get(self, name: str) -> JobRun | None:
        return self._runs.get(name)

    def abandon(self) -> None:
        """Let every job end without a word, once its process has ended."""
        for run in list(self._runs.values()):
            run.abandon()

    def join(self) -> None:
        """Wait for the jobs' threads."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(30)

    def _walk(self, run: JobRun, work: Callable[[JobRun], None]) -> None:
        try:
            if self._machine.faults.takes_capacity(run.name):
                raise JobFailed(NO_CAPACITY)
            with run.slot():
                work(run)
        except Abandoned:
            pass
        except JobStopped:
            self._outcomes.stopped(run.name)
        except (JobFailed, TransferFailed) as failure:
            self._outcomes.failed(run.name, str(failure)[:LONGEST_REASON])
        except (AwsError, LocalError) as refusal:
            self._outcomes.failed(run.name, f"ClientError: {refusal}"[:LONGEST_REASON])
        except Exception:
            # When the embedded AWS stops, nothing that a job asks of it is answered any more.
            if not run.abandoned:
                logger.exception("a job could not be walked through", extra={"job": run.name})
                self._outcomes.failed(run.name, INTERNAL)
        finally:
            self._close(run)

    def _close(self, run: JobRun) -> None:
        run.progress()
        run.container.clean()
        try:
            run.log.close()
        except Exception:
            logger.exception("the last lines of a job could not be logged", extra={"job": run.name})


def exit_reason(container: Container, code: int) -> str:
    """The FailureReason of a container that ended with a code other than 0."""
    text = (container.read_output("failure", LONGEST_REASON) or "").strip()
    ending = f", exit code: {code}"
    return f"AlgorithmError: {text}"[: LONGEST_REASON - len(ending)] + ending


def instances(resources: Mapping[str, Any]) -> tuple[str, int]:
    """Instance type and count of a job's cluster; the first preference where a list is given."""
    preferences = resources.get("InstancePreferences") or [{}]
    kind = resources.get("InstanceType") or preferences[0].get("InstanceType", "")
    return kind, resources.get("InstanceCount") or preferences[0].get("InstanceCount", 1)
