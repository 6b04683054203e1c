"""How far jobs are: their status from SageMaker, their progress from what they print."""

import re
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops_cli.target import Target

_COUNTED = re.compile(r"\b([A-Za-z_]+)=(\d+)/(\d+)")
_LINES = 50
_OVER = frozenset({"Completed", "Failed", "Stopped"})


class JobView(NamedTuple):
    """A job as it stands."""

    name: str
    kind: str
    status: str
    stage: str = ""
    done: int = 0
    total: int = 0

    @property
    def is_over(self) -> bool:
        return self.status in _OVER

    @property
    def progress(self) -> str:
        return f"{self.stage} {self.done}/{self.total}" if self.total else ""


class Jobs:
    """Reads jobs; those that are over are read once."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._over: dict[str, JobView] = {}

    def view(self, kind: str, name: str) -> JobView | None:
        """None for what is no job, and for one that is not created yet."""
        if kind not in ("training", "processing"):
            return None
        if name in self._over:
            return self._over[name]
        found = self._read(kind, name)
        if found and found.is_over:
            self._over[name] = found
        return found

    def _read(self, kind: str, name: str) -> JobView | None:
        sagemaker = self._target.client("sagemaker")
        word = kind.capitalize()
        describe = sagemaker.describe_training_job if kind == "training" else sagemaker.describe_processing_job
        try:
            status = describe(**{f"{word}JobName": name})[f"{word}JobStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
                return None
            raise
        counted = self._counted(f"/aws/sagemaker/{word}Jobs", name)
        if counted is None:
            return JobView(name, kind, status)
        return JobView(name, kind, status, counted[1], int(counted[2]), int(counted[3]))

    def _counted(self, group: str, name: str) -> Any:
        """The newest `stage=done/total` of the job's log."""
        logs = self._target.client("logs")
        try:
            streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
            if not streams:
                return None
            stream = streams[-1]["logStreamName"]
            events = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=_LINES, startFromHead=False)[
                "events"
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        found = (_COUNTED.search(event["message"]) for event in reversed(events))
        return next((match for match in found if match), None)
