"""What the judging job is told, and what it leaves."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from fmops.core.models import Ours
from fmops.evaluation.judge.prompts import Method
from fmops.evaluation.judge.verdicts import Outcome, Preference
from fmops.evaluation.models import Decoding, Id, Metric
from fmops.evaluation.targets import BedrockTarget, EndpointTarget, Identity

JOB_FILE = "judge.json"
"""In the `config` input; its presence makes a job a judging job."""
# Below the output `results`.
SUMMARY_FILE = "judge_summary.json"
VERDICTS_TABLE = "verdicts.parquet"
WORDS_TABLE = "judge_answers.parquet"
SCORES_FOLDER = "scores"
"""A file for each candidate, in the form of `scores.jsonl`."""

METRIC_OF = {Method.PAIRWISE: Metric.JUDGE_WIN_RATE, Method.RUBRIC: Metric.JUDGE_RUBRIC}


class KnownPair(Ours):
    """A question with two answers of which people know the better one."""

    question: str = Field(min_length=1, max_length=1000)
    better: str = Field(min_length=1, max_length=1000)
    worse: str = Field(min_length=1, max_length=1000)


class JudgingJob(Ours):
    """The request of a judging job."""

    run_id: Id
    use_case: Id
    method: Method
    criteria: str = Field(min_length=1)
    target: Annotated[EndpointTarget | BedrockTarget, Field(discriminator="kind")]
    prompt_template: str = "{input}"
    """Around the judge's prompt, for endpoints whose chat format has to be written out."""
    identity: Identity
    """The judge's: verdicts with the same fingerprint are not asked for again."""
    decoding: Decoding
    concurrency: int = Field(default=8, ge=1, le=256)
    candidates: tuple[Id, ...] = Field(min_length=1)
    reference: Id | None = None
    """The candidate that all others are compared with; None for a rubric."""
    dataset_file: str = Field(default="test.jsonl", pattern=r"^[A-Za-z0-9._-]+$")
    target_output_delimiter: str | None = None
    sample: int | None = Field(default=None, ge=1)
    """How many rows are judged; all of them where this is left out."""
    probes: int = Field(ge=1)
    known: tuple[KnownPair, ...] = ()
    min_accuracy: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.method is Method.PAIRWISE) != (self.reference is not None):
            raise ValueError("answers are compared with a reference, and graded without one")
        if self.reference is not None and self.reference not in self.candidates:
            raise ValueError(f"the reference {self.reference} is no candidate")
        if "{input}" not in self.prompt_template:
            raise ValueError("prompt_template has no {input}")
        return self


class Why(Ours):
    """How many of the judged rows of a candidate have no verdict of the judge, by reason."""

    failed: int = Field(default=0, ge=0)
    """The judge gave no verdict that could be read. They count neither for nor against."""
    unanswered: int = Field(default=0, ge=0)
    """There was no answer to judge."""


class Tally(Why):
    """What became of one candidate's rows."""

    wins: int = Field(default=0, ge=0)
    ties: int = Field(default=0, ge=0)
    losses: int = Field(default=0, ge=0)
    equal: int = Field(default=0, ge=0)
    """Of the ties: the answers were the same, and nobody was asked."""
    grades: dict[int, int] = Field(default_factory=dict)


class Position(Ours):
    """What the place in the prompt did to the judge, over the pairs with both verdicts."""

    pairs: int = Field(default=0, ge=0)
    agreed: int = Field(default=0, ge=0)
    """Both orders preferred the same answer, or none."""
    first: int = Field(default=0, ge=0)
    """Both orders preferred whatever came first; likewise the next."""
    second: int = Field(default=0, ge=0)


class ProbeKind(Ours):
    """Probes of one kind."""

    probes: int = Field(default=0, ge=0)
    right: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)


class Accuracy(Ours):
    """How often the judge knew the better answer where it is known beforehand."""

    right: int = Field(ge=0)
    n: int = Field(ge=0)
    """Probes with a verdict that could be read."""
    failed: int = Field(ge=0)
    value: float | None
    low: float | None
    """At 95 %; None where so few say nothing."""
    high: float | None
    asked: float
    """What the use case asks for."""
    sure: bool
    """Whether the judge is surely that good."""
    kinds: dict[str, ProbeKind]


class Taken(Ours):
    """What the judging took. Unknown is None, never 0."""

    calls: int = Field(ge=0)
    reused: int = Field(ge=0)
    """Verdicts that an earlier job had got from the same judge by the same words."""
    input_tokens: int | None
    """Of what was asked now, all together; likewise the next."""
    output_tokens: int | None


class JudgeSummary(Ours):
    """`judge_summary.json`, written last."""

    run_id: Id
    method: Method
    reference: Id | None
    rows: int = Field(ge=0)
    """How many were to be judged."""
    accuracy: Accuracy
    used: bool
    """Whether the judge was good enough to be asked about the candidates."""
    candidates: dict[str, Tally]
    """Empty where the judge was not used."""
    position: Position | None
    """Over probes and candidates alike; None for a rubric."""
    taken: Taken
    judge_fingerprint: str
    prompt_version: str
    dataset: str
    """The fingerprint of the rows' file, as the candidates' jobs write it."""


class Verdict(Ours):
    """What became of one row of one candidate."""

    record_id: Id
    candidate: Id
    why: Literal["judged", "equal", "failed", "unanswered"]
    forward: Preference | None = None
    """With the candidate's answer first."""
    backward: Preference | None = None
    outcome: Outcome | None = None
    grade: int | None = None
    score: float | None = None
