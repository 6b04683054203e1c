"""What is watched (a target), when (a window), what was seen (a profile), and what was judged."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import Field

from fmops.core import clock
from fmops.core.artifacts import Location
from fmops.core.models import Ours, Theirs

Verdict = Literal["OK", "WARNING", "ALARM", "INSUFFICIENT_DATA"]


class Target(Theirs):
    """A champion that serves from an endpoint, as far as the monitor needs to know it."""

    use_case: str
    run_id: str
    release_id: str
    endpoint: str
    released_at: str
    capture_uri: str
    answers_uri: str
    scores_uri: str


class Window(Ours):
    """A span of hours, in UTC, on the hour."""

    start: datetime
    hours: int = Field(ge=1)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(hours=self.hours)

    @property
    def name(self) -> str:
        """`2026-11-24T05:00Z`, with the hours behind where they are several."""
        return f"{self.start:%Y-%m-%dT%H:%MZ}" + (f"+{self.hours}h" if self.hours > 1 else "")

    @property
    def prefixes(self) -> list[str]:
        """Where the window's hours lie below a target's capture."""
        return [f"{self.start + timedelta(hours=hour):%Y/%m/%d/%H}/" for hour in range(self.hours)]


class WindowTask(Ours):
    """The monitoring journey's input, and what each of its steps is given."""

    run_id: str
    use_case: str
    window_start: str
    window_hours: int
    execution_arn: str = ""
    task_token: str = Field(default="", repr=False)

    @property
    def window(self) -> Window:
        return Window(start=clock.parse(self.window_start), hours=self.window_hours)


class WatchPlaces(NamedTuple):
    """Where a window's files lie in the artifacts bucket."""

    bucket: str
    use_case: str
    window: str

    @property
    def root(self) -> Location:
        return Location(self.bucket, f"monitoring/{self.use_case}/{self.window.replace(':', '')}")

    @property
    def config(self) -> Location:
        return self.root.child("toxicity/config/")

    @property
    def job(self) -> Location:
        return self.root.child("toxicity/config/job.json")

    @property
    def sample(self) -> Location:
        return self.root.child("toxicity/dataset/sample.jsonl")

    @property
    def results(self) -> Location:
        return self.root.child("toxicity/results/")

    @property
    def progress(self) -> Location:
        return self.root.child("toxicity/progress/")

    def shard(self, number: int, file: str) -> Location:
        return self.root.child(f"shards/{number:05}/{file}")


class CapturedObject(Ours):
    """One capture file, pinned."""

    bucket: str
    key: str
    size: int
    etag: str


class Exchange(NamedTuple):
    """One captured prompt and what was answered."""

    event_id: str
    prompt: str
    answer: str
    inference_id: str = ""
    """What the caller called it, where they did."""


class Finding(Ours):
    """The drift of one feature."""

    size: float
    low: float
    high: float
    limit: float


class ToxicShare(Ours):
    """The estimated share of toxic answers in a window."""

    share: float
    low: float
    high: float
    n: int
    limit: float


class Judgement(Ours):
    """What is said of a window."""

    verdict: Verdict
    reasons: list[str]
    records: int
    unreadable: int
    drift: dict[str, Finding]
    toxicity: ToxicShare | None
