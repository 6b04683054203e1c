"""What a team says of its data (the manifest), and what we say of it (the registered dataset)."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fmops.core.models import Ours
from fmops.usecases.models import Email, Slug, Task

Version = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Split = Literal["train", "test", "all"]


class ManifestFile(Ours):
    """One JSON Lines file of the dataset, named relative to the manifest."""

    path: str = Field(min_length=1, max_length=1024)
    sha256: Sha256
    split: Split = "all"
    """`all`: each row goes to training or test by a hash of its id, always the same way."""


class Columns(Ours):
    """Which member of a row is what."""

    id: str | None = None
    """Rows are numbered where this is left out."""
    input: str
    target: str
    category: str | None = None


class Manifest(Ours):
    """`manifest.json`, written last: it says that the dataset is complete."""

    name: Slug
    version: Version
    task: Task
    columns: Columns
    files: list[ManifestFile] = Field(min_length=1, max_length=1000)
    owner: Email | None = None
    """Who is told when something is wrong; the use case's owner where this is left out."""
    licence: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _files_are_below(self) -> Self:
        paths = [file.path for file in self.files]
        for path in paths:
            if path.startswith("/") or ".." in path.split("/"):
                raise ValueError(f"the file {path!r} is not below the manifest's folder")
            if paths.count(path) > 1:
                raise ValueError(f"the file {path!r} is listed twice")
        return self


class Row(Ours):
    """One item, normalised: the same for every trainer and every metric."""

    id: str
    input: str
    target: str
    category: str | None = None


class PinnedFile(Ours):
    """A file as it was when it was validated."""

    path: str
    sha256: Sha256
    version: str | None
    size: int


class Dataset(Ours):
    """A registered dataset version: pinned for ever."""

    name: Slug
    version: Version
    task: Task
    owner: str
    licence: str
    manifest_digest: str
    manifest_uri: str
    files: list[PinnedFile]
    train_rows: int
    test_rows: int
    train_uri: str
    test_uri: str
