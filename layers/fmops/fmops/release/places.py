"""Where a release's files lie in the artifacts bucket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from fmops.core.artifacts import Location
from fmops.evaluation.job_request import JobFolder


class Stage(StrEnum):
    """When the golden prompts are asked."""

    TRIAL = "trial"
    """Of an endpoint of its own, before any traffic."""
    LIVE = "live"
    """Of production's endpoint, when all traffic is on the new fleet."""


@dataclass(frozen=True)
class GoldenPlaces(JobFolder):
    """One asking of the golden prompts."""

    stage: Stage
    attempt: int

    @classmethod
    def of(cls, bucket: str, release_id: str, stage: Stage, attempt: int = 0) -> Self:
        """An attempt after a crash has a place of its own."""
        again = f"-{attempt}" if attempt else ""
        return cls(Location(bucket, f"releases/{release_id}/{stage}{again}"), stage, attempt)

    @property
    def rows(self) -> Location:
        return self.root.child("golden.jsonl")
