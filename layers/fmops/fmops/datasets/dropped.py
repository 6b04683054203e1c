"""What somebody dropped, once it is a dataset by its manifest; or why it is none."""

from typing import NamedTuple

from fmops.core.events import Problem
from fmops.datasets.models import Manifest


class Dropped(NamedTuple):
    """A manifest and the folder that its files lie in."""

    manifest: Manifest
    bucket: str
    folder: str
    manifest_uri: str
    retraining_of: str = ""
    """The use case whose drifted traffic it holds labelled prompts of."""


class Refusal(Exception):
    """Something is wrong; the problems say what."""

    def __init__(self, problems: list[Problem], owner: str = "", version: str = "") -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems, self.owner, self.version = problems, owner, version
