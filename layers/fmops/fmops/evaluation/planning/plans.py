"""What a run will do: written once, read by every state after it."""

from typing import Any, Literal

from pydantic import Field

from fmops.catalog.trainers import Trainer
from fmops.core.errors import LaunchRefused
from fmops.core.models import Ours
from fmops.evaluation.models import Decoding
from fmops.evaluation.remote import Remote
from fmops.launches.images import Image
from fmops.serving.models import Artifact
from fmops.usecases.candidates import TokenPrice, Tuning
from fmops.usecases.models import Evaluation, MetricRule
from fmops.usecases.review import Review

# Beyond what the job itself may take: for capacity, images and downloads.
JOB_SLACK_SECONDS = 3600
ENDPOINT_SECONDS = 3600
# A job that crashed is launched once more, and goes on where it was.
EVALUATION_ATTEMPTS = 2


# What a spot training may wait for instances beyond its own time.
SPOT_WAIT_SECONDS = 1800


def endpoint_seconds(evaluation: Evaluation) -> int:
    """How long a candidate's endpoint may exist: until its job must be over."""
    return ENDPOINT_SECONDS + JOB_SLACK_SECONDS + evaluation.max_runtime_seconds * EVALUATION_ATTEMPTS


class SeenInTraining(Ours):
    """How many of the rows that are scored stand in the training rows, by the use case's setting."""

    exact: int
    near: int
    similarity: float
    """From which on two rows are nearly the same."""


class PinnedDataset(Ours):
    """The dataset version of a run, and the rows of it that are used."""

    name: str
    version: str
    digest: str
    train_uri: str
    train_rows: int
    test_uri: str
    test_rows: int
    seen_in_training: SeenInTraining


class PlannedCandidate(Ours):
    """One candidate of a run."""

    id: str
    kind: Literal["base", "fine_tuned"]
    is_champion: bool = False
    base: str | None = None
    """For a fine-tuned candidate: the candidate of this run that is the same model untuned."""
    instance_type: str | None
    """Where it is hosted; None for what answers elsewhere."""
    other_instance_types: list[str] = Field(default_factory=list)
    artifact: Artifact | Remote = Field(discriminator="kind")
    """What is hosted; for a candidate that this run tunes, what it is tuned from. Or what is asked elsewhere."""
    live_endpoint: str | None = None
    """Production's endpoint, for a champion that is asked where it serves."""
    tune: Tuning | None = None
    trainers: dict[str, Trainer] = Field(default_factory=dict)
    """JumpStart's own trainer for each instance type of `tune`; empty where our container trains."""
    token_price: TokenPrice | None = None
    usd_per_1000_answers: float | None = None
    """As the use case says."""
    tokens_usd: float = 0
    """The share of the worst case that is paid by the token."""
    worst_case_usd: float

    @property
    def needs_endpoint(self) -> bool:
        """Whether something has to be hosted before it can be asked."""
        return isinstance(self.artifact, Artifact) and self.live_endpoint is None

    @property
    def decoding(self) -> Decoding:
        return Decoding.model_validate(self.artifact.decoding)


class PlannedJudge(Ours):
    """The model that judges the answers of a run; how, the use case's `evaluation.judge` says."""

    asked: Remote
    reference: str | None
    """The candidate that all others are compared with; None for a rubric."""
    rows: int
    """How many are judged."""
    token_price: TokenPrice | None
    """None where nobody knows it: an endpoint's price is its owner's to know."""
    tokens_usd: float
    """At worst, for one attempt of the job."""
    worst_case_usd: float


class Plan(Ours):
    """`plan.json`."""

    run_id: str
    use_case: str
    trigger: dict[str, Any]
    dataset: PinnedDataset
    candidates: list[PlannedCandidate]
    task: str
    metrics: list[MetricRule]
    algorithms: list[str]
    evaluation: Evaluation
    review: Review | None = None
    """Left out, no people are asked to compare answers."""
    worst_case_usd: float
    no_quota: list[str] = Field(default_factory=list)
    """Quotas that were 0 when the run was planned; what they limit is not tried."""
    judge: PlannedJudge | None = None
    quotas: dict[str, float] = Field(default_factory=dict)
    """What else was known of the account's quotas for this run."""
    images: dict[Image, str] = Field(default_factory=dict)
    """What its jobs run, by digest: a deployment in mid-run must not have candidates scored by different code."""

    @property
    def own_images(self) -> list[Image]:
        """Which of the stack's images its jobs need."""
        tunes = any(candidate.tune and not candidate.trainers for candidate in self.candidates)
        return [Image.EVALUATE, *([Image.FINE_TUNE] if tunes else [])]

    def image(self, image: Image) -> str:
        """LaunchRefused where the run was planned by a version that pinned none."""
        if image not in self.images:
            raise LaunchRefused(f"run {self.run_id} was planned without the image {image}: start it anew")
        return self.images[image]

    def candidate(self, candidate_id: str) -> PlannedCandidate:
        """KeyError where the plan has no such candidate."""
        for candidate in self.candidates:
            if candidate.id == candidate_id:
                return candidate
        raise KeyError(candidate_id)
