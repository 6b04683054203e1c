"""What is collected of drifted traffic, where it lies, and what stands of it in the ledger."""

from typing import NamedTuple

from pydantic import Field

from fmops.core.artifacts import Location
from fmops.core.models import Ours
from fmops.monitoring.models import CapturedObject

PROMPTS_FILE = "prompts.jsonl"


class Prompt(Ours):
    """A row that wants a label: a masked prompt, and how often it was asked in what was read."""

    id: str
    input: str
    target: str = ""
    """Empty: what the model answered is no label."""
    asked: int = Field(ge=1)


class Sources(Ours):
    """`sources.json` beside the prompts: what they were taken from, and how."""

    request_id: str
    use_case: str
    release_id: str
    windows: list[str]
    """In which the drift showed, and whose records were read."""
    objects: list[CapturedObject]
    """What was read, pinned."""
    objects_left: int
    """Not read, for there was too much: those that were are a random choice."""
    objects_gone: int
    """Not there any more, or not as the windows read them."""
    records: int
    """That could be read, each event once."""
    unreadable: int
    too_long: int
    different: int
    """Different prompts among them, masked; an estimate where more than were kept."""
    kept: int
    rate: float
    """Of the different prompts so many are kept."""
    masked: dict[str, int]
    """How many places in the kept prompts were masked, by kind."""
    sha256: str
    """Of the file of prompts."""


class Places(NamedTuple):
    """Where a request's files lie. Named for the windows: a later try overwrites nothing that was announced."""

    bucket: str
    use_case: str
    request_id: str
    content: str

    @property
    def _root(self) -> Location:
        return Location(self.bucket, f"retraining/{self.use_case}/{self.request_id}/{self.content}")

    @property
    def prompts(self) -> Location:
        return self._root.child(PROMPTS_FILE)

    @property
    def manifest(self) -> Location:
        """As datasets have it."""
        return self._root.child("manifest.json")

    @property
    def sources(self) -> Location:
        return self._root.child("sources.json")
