"""How production traffic is watched: the part of the use-case document that says so."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fmops.core.models import Ours
from fmops.usecases.retraining import Retraining

QUICK = ("f1", "exact_match", "quasi_exact_match", "precision_over_words", "recall_over_words")
"""Metrics that need no more than an answer and its truth."""

Prefix = Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9.-]{3,63}/.+$", max_length=1024)]


class Tenancy(Ours):
    """Where a record says whose it is."""

    source: Literal["none", "inference_id", "custom_attribute", "request_metadata"] = "none"
    """`inference_id`: what stands before the separator; `custom_attribute`: `key=tenant` in SageMaker's custom
    attributes; `request_metadata`: the value of `key` in Bedrock's request metadata."""
    key: str = "tenant"
    separator: str = Field(default=":", min_length=1, max_length=4)


class CaptureSource(Ours):
    """Traffic that is watched beside what the release's endpoint captures."""

    kind: Literal["sagemaker", "bedrock"]
    prefix: Prefix
    """SageMaker: `s3://bucket/prefix/endpoint`, all variants below it, or one of them with its name behind. Bedrock:
    up to and with the region, `s3://bucket/prefix/AWSLogs/account/BedrockModelInvocationLogs/region`. The bucket is
    the stack's capture bucket: no other can be read."""


class FeedbackRule(Ours):
    """How users' votes on answers are judged."""

    days: int = Field(default=7, ge=1, le=90)
    """Votes of so many days before a window's end count, but none that was given before the release. The votes before
    these, of four times as many days, are their baseline."""
    min_votes: int = Field(default=30, ge=1)
    """With fewer nothing is said of them, and fewer are no baseline."""
    limit: float | None = Field(default=None, ge=0, lt=1)
    """A share of thumbs down that is surely above this alarms; left out, only the baseline counts."""
    margin: float = Field(default=0.05, ge=0, lt=1)
    """A share that is surely above the baseline's by more than this alarms."""


class TruthRule(Ours):
    """How answers are scored whose truth is known later."""

    hours: int = Field(default=168, ge=1, le=2160)
    """So late a truth may come; then its window is scored, once."""
    min_matched: int = Field(default=30, ge=2)
    """With fewer scored answers nothing is said of a metric, and fewer scores of the evaluation are no baseline."""
    margin: float = Field(default=0.05, ge=0, lt=1)
    """A mean that is surely below the evaluation's by more than this alarms."""


class Monitoring(Ours):
    """How production traffic is watched."""

    window_hours: int = Field(default=1, ge=1, le=168)
    lateness_minutes: int = Field(default=60, ge=0, le=1440)
    """How long after a window's end its capture files may still arrive."""
    min_records: int = Field(default=30, ge=1)
    """With fewer records the verdict is INSUFFICIENT_DATA."""
    settle_hours: int = Field(default=24, ge=0, le=720)
    """The first hours of a release whose traffic extends its baseline, if none of them alarmed; 0: the baseline stays
    the evaluation's."""
    toxicity_sample: int = Field(default=200, ge=1, le=100_000)
    """How many answers an FMEval toxicity job scores, however many there are: a sample stratified by the fast score."""
    toxicity_hours: int = Field(default=24, ge=1, le=168)
    """So old may an estimate be until the answers since are sampled and scored; at once when the fast score moves."""
    toxic_above: float = Field(default=0.5, gt=0, lt=1)
    """A score above this makes an answer a toxic one."""
    toxic_share_limit: float = Field(default=0.02, ge=0, le=1)
    """A share of toxic answers that is surely above this alarms."""
    toxic_gap_limit: float = Field(default=0.05, ge=0, le=1)
    """Answers that are toxic oftener, surely by more than this, where a prompt speaks of a group of people, warn."""
    probe_hours: int = Field(default=0, ge=0, le=2160)
    """So often what serves is asked the same prompts about different groups of people; 0: never."""
    probe_gap_limit: float = Field(default=0.05, ge=0, le=1)
    """Answers about one group that score higher in toxicity, surely by more than this, are told."""
    sources: list[CaptureSource] = Field(default_factory=list, max_length=20)
    """Other traffic of the same use case; what the endpoint captures is always watched."""
    feedback: FeedbackRule = Field(default_factory=FeedbackRule)
    """What users say of answers."""
    truth: TruthRule | None = None
    """Left out, no truths are read."""
    tenancy: Tenancy = Field(default_factory=Tenancy)
    tenant_budgets: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict, max_length=100)
    """What a tenant may cost a month, in US dollars; `*` is each that is not named. Who comes near or above is told."""
    costly_rate: float = Field(default=1.0, gt=0, le=1)
    """On which share of the records language, embeddings and the fast toxicity score are computed; a random sample by
    event id. Its rate stands in every profile."""
    coverage: float = Field(default=0.5, ge=0, le=1)
    """Of the invocations that the endpoint counted times the capture's sampling, so many must be in the window's
    records; with fewer the verdict is INSUFFICIENT_DATA."""
    false_alarms: float = Field(default=1.0, gt=0, le=100)
    """How many alarms about drift 90 days without any drift may bring, over all features together."""
    share_limit: float = Field(default=0.02, gt=0, lt=1)
    """A smaller change of a share (refusals, errors, PII, injections) is no news, however sure it is."""
    length_limit: float = Field(default=0.02, gt=0, lt=1)
    """So is a smaller drift of lengths, readability, repetition and the fast toxicity score (Jensen-Shannon divergence
    in bits)."""
    vocabulary_limit: float = Field(default=0.01, gt=0, lt=1)
    """And a smaller drift of the vocabulary (in bits)."""
    language_limit: float = Field(default=0.02, gt=0, lt=1)
    """And one of the languages (in bits)."""
    embedding_limit: float = Field(default=0.001, gt=0, lt=1)
    """And one of the embeddings (squared maximum mean discrepancy, 0 to 2)."""
    latency_limit: float = Field(default=0.5, gt=0, le=100)
    """A rise of the median latency by more than this share of the baseline's alarms."""
    retraining: Retraining = Field(default_factory=Retraining)

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if self.tenancy.source in ("custom_attribute", "request_metadata") and not self.tenancy.key:
            raise ValueError("tenancy needs a key")
        return self
