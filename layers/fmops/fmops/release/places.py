"""Where a release's files lie in the artifacts bucket."""

from enum import StrEnum
from typing import NamedTuple

from fmops.core.artifacts import Location


class Stage(StrEnum):
    """When the golden prompts are asked."""

    TRIAL = "trial"
    """Of an endpoint of its own, before any traffic."""
    LIVE = "live"
    """Of production's endpoint, when all traffic is on the new fleet."""


class GoldenPlaces(NamedTuple):
    """One asking of the golden prompts. An attempt after a crash has a place of its own."""

    bucket: str
    release_id: str
    stage: Stage
    attempt: int = 0

    @property
    def root(self) -> Location:
        again = f"-{self.attempt}" if self.attempt else ""
        return Location(self.bucket, f"releases/{self.release_id}/{self.stage}{again}")

    @property
    def config(self) -> Location:
        """A prefix."""
        return self.root.child("config/")

    @property
    def job(self) -> Location:
        return self.root.child("config/job.json")

    @property
    def rows(self) -> Location:
        return self.root.child("golden.jsonl")

    @property
    def results(self) -> Location:
        """A prefix."""
        return self.root.child("results/")

    @property
    def progress(self) -> Location:
        """A prefix."""
        return self.root.child("progress/")
