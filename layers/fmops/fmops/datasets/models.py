"""What a team says of its data (the manifest), and what we say of it (the registered dataset)."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fmops.core.models import Ours
from fmops.usecases.models import Email, Slug, Task

Version = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
LONGEST_LABEL, MOST_LABELS = 100, 500
Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL, strip_whitespace=True)]
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
    target: str | None = None
    """May be left out where the task is open-ended."""
    category: str | None = None
    group: str | None = None
    """Rows with the same value depend on each other: they stay on one side of the split and are counted as one draw."""
    context: str | None = None
    """The passage that a question is about; it stands above the input in every prompt."""


class Manifest(Ours):
    """`manifest.json`, written last: it says that the dataset is complete."""

    name: Slug
    version: Version
    task: Task
    columns: Columns
    files: list[ManifestFile] = Field(min_length=1, max_length=200)
    labels: list[Label] = Field(default_factory=list, max_length=MOST_LABELS)
    """For classification: every label there is. Those that the targets name where this is left out."""
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

    @model_validator(mode="after")
    def _has_what_its_task_needs(self) -> Self:
        if self.columns.target is None and self.task != "open_ended":
            raise ValueError(f"the task {self.task} needs columns.target")
        if self.labels and self.task != "classification":
            raise ValueError(f"labels belong to the task classification, not to {self.task}")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("a label is listed twice")
        return self


class Row(Ours):
    """One item, normalised: the same for every trainer and every metric. Members without a value are not written."""

    id: str
    input: str
    target: str | None = None
    category: str | None = None
    group: str | None = None
    context: str | None = None

    @property
    def question(self) -> str:
        """What stands in a prompt for {input}: the input below its context, where it has one."""
        return f"{self.context}\n\n{self.input}" if self.context else self.input


class PinnedFile(Ours):
    """A file as it was when it was validated."""

    path: str
    sha256: Sha256
    version: str | None
    size: int


class Overlap(Ours):
    """A test row, the training row that is most like it, and how much (1: all of their word trigrams are shared)."""

    test: str
    train: str
    similarity: float = Field(ge=0, le=1)
    exact: bool
    """Whether both ask the same but for case, punctuation and spacing."""


class Finding(Ours):
    """How many there are, and the ids of the first."""

    count: int
    examples: list[str]


class Duplicates(Ours):
    """Rows that ask the same as an earlier row on their side: `later id = earlier id`."""

    same: Finding
    with_other_targets: Finding


class Lengths(Ours):
    """In characters. An outlier lies three interquartile ranges beyond the quartiles."""

    least: int
    p05: int
    median: int
    p95: int
    most: int
    outliers: Finding


class Groups(Ours):
    """Rows that depend on each other."""

    count: int
    largest: int
    on_both_sides: Finding


class Overlaps(Ours):
    """Test rows that stand in the training rows."""

    exact: int
    near: dict[str, int]
    """How many of the others are alike by at least this."""
    looked_for_from: float
    examples: list[Overlap]


class QualityReport(Ours):
    """`quality.json`, beside the rows: what was found and is no fault. It holds no text of a row."""

    dataset: str
    version: str
    train_rows: int
    test_rows: int
    without_target: int
    duplicates: Duplicates
    input_characters: Lengths | None
    """Of context and input."""
    target_characters: Lengths | None
    languages: dict[str, int]
    """Guessed: ISO 639-1 codes, ISO 15924 scripts, `und` for what can't be said."""
    pii: dict[str, int]
    """Rows in which something looks like an e-mail address, telephone, card or account number."""
    rows_with_pii: Finding
    categories: dict[str, int]
    labels: dict[str, int]
    """For classification: how often each is the target."""
    groups: Groups | None
    overlaps: Overlaps


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
    quality_uri: str
    """A QualityReport."""
    overlaps_uri: str
    """A list of Overlap, the most alike first."""
    labels: list[str] = Field(default_factory=list)
    """For classification."""
    retraining_of: Slug | Literal[""] = ""
    """The use case whose drifted traffic it holds labelled prompts of; no other gets a run of it."""
