"""What training and processing jobs answer alike: they are described, listed, stopped, interrupted and waited for."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal

from local.protocol import AwsError, Caller
from local.sagemaker.faults import INTERNAL
from local.sagemaker.jobs import JobRun, JobStopped, Outcomes, Progress, Runs
from local.sagemaker.listing import Listing
from local.sagemaker.machine import Machine
from local.sagemaker.records import Record, Records, invalid

ENDED = ("Completed", "Failed", "Stopped")


class Family(ABC):
    """All jobs of one kind: their records, and the runs of those that live."""

    listing: Listing

    def __init__(
        self, machine: Machine, kind: Literal["Training", "Processing"], missing: Callable[[str], AwsError]
    ) -> None:
        """`missing` makes the error for a name that nobody created."""
        self._machine = machine
        self.records = Records(missing)
        self._runs = Runs(machine, f"{kind}Jobs", Outcomes(failed=self._failed, stopped=self._stopped))
        self._words = f"{kind.lower()} job"
        self._name, self._arn, self._status = f"{kind}JobName", f"{kind}JobArn", f"{kind}JobStatus"

    def describe(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.records.get(request[self._name])

    def list(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.listing.answer_to(request, self.records.all())

    def stop(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request[self._name]

        def stopping(record: Record) -> None:
            status = record[self._status]
            if status in ENDED:
                raise invalid(f"The request was rejected because the {self._words} is in status {status}.")
            self._stopping(record)

        self._tell(self.records.update(name, stopping))
        run = self._runs.get(name)
        if run:
            run.stop()
        return {}

    def progress(self, name: str) -> Progress | None:
        run = self._runs.get(name)
        return run.progress() if run else None

    def settle(self) -> None:
        """End the jobs whose processes ended with an earlier local run."""
        for record in self.records.all():
            match record[self._status]:
                case "Stopping":
                    self._stopped(record[self._name])
                case status if status not in ENDED:
                    self._failed(record[self._name], INTERNAL)

    def abandon(self) -> None:
        self._runs.abandon()

    def join(self) -> None:
        self._runs.join()

    def _begin(self, request: dict[str, Any], record: Record, taken: AwsError) -> dict[str, Any]:
        """Keep the record of a new job, tell its beginning, and walk it through; `taken` is raised for a known name."""
        name, arn = record[self._name], record[self._arn]
        self.records.create(name, record, taken)
        self._machine.tags.create(arn, request.get("Tags", ()))
        self._tell(record)
        self._runs.begin(name, self._work)
        return {self._arn: arn}

    def _change(self, name: str, change: Callable[[Record], None], *, ends: bool) -> None:
        """Change a job's record and tell it; a job that somebody stops only ends."""

        def changed(record: Record) -> None:
            if record[self._status] == "Stopping" and not ends:
                raise JobStopped
            change(record)

        self._tell(self.records.update(name, changed))

    def _check_quota(self, usage: str, kind: str, count: int, cluster: Callable[[Record], tuple[str, int]]) -> None:
        """Refuse a job whose instances, with those of the jobs that live, are more than the account may have."""
        living = [cluster(record) for record in self.records.all() if record[self._status] not in ENDED]
        used = sum(others for other, others in living if other == kind)
        refusal = self._machine.quotas.refusal(f"{kind} for {usage}", used, count)
        if refusal:
            raise AwsError("ResourceLimitExceeded", refusal)

    @abstractmethod
    def _work(self, run: JobRun) -> None: ...

    @abstractmethod
    def _stopping(self, record: Record) -> None: ...

    @abstractmethod
    def _failed(self, name: str, reason: str) -> None: ...

    @abstractmethod
    def _stopped(self, name: str) -> None: ...

    @abstractmethod
    def _tell(self, record: Record) -> None: ...
