"""What the evaluation job and the functions tell each other: the request, and the files of a result."""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from fmops.core.models import Ours
from fmops.evaluation.algorithms import LOWER_IS_BETTER as LOWER_IS_BETTER
from fmops.evaluation.algorithms import METRICS_OF as METRICS_OF
from fmops.evaluation.algorithms import METRICS_OF_ALL_ROWS as METRICS_OF_ALL_ROWS
from fmops.evaluation.algorithms import NEEDS_PERTURBATION, NEEDS_TARGET, Scoring
from fmops.evaluation.algorithms import Algorithm as Algorithm
from fmops.evaluation.algorithms import Metric as Metric
from fmops.evaluation.performance import Performance
from fmops.evaluation.targets import Identity, Target

Id = Annotated[str, StringConstraints(min_length=1, max_length=256)]

# Below the job's output folder `results`, and `progress`.
ANSWERS_FILE = "answers.jsonl"
ANSWERS_TABLE = "answers.parquet"
PERTURBED_FILE = "perturbed_answers.jsonl"
SCORES_FILE = "scores.jsonl"
SUMMARY_FILE = "summary.json"
PROGRESS_FILE = "progress.json"
# Below the prefix of a candidate's answers: `known/<asks>.json`.
KNOWN_FOLDER = "known"
INPUT_PLACE = "{input}"


class Mode(StrEnum):
    """`answers`: ask the target, then score. `stored`: score the answers that the dataset's rows carry."""

    ANSWERS = "answers"
    STORED = "stored"


class Decoding(Ours):
    """How the target writes its answer. Members that are None are not sent."""

    max_new_tokens: int = Field(default=64, ge=1, le=4096)
    temperature: float | None = Field(default=None, gt=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    do_sample: bool = False
    stop: tuple[str, ...] = ()

    def parameters(self) -> dict[str, Any]:
        """The `parameters` member of a request."""
        given = self.model_dump(mode="json", exclude_none=True)
        if not given["stop"]:
            del given["stop"]
        return given | {"return_full_text": False}


class EvaluationJob(Ours):
    """The request of one evaluation job: the file `job.json` of its `config` input."""

    run_id: Id
    use_case: Id
    candidate_id: Id
    mode: Mode = Mode.ANSWERS
    target: Target | None = None
    identity: Identity | None = None
    """Whose answers they are: those with the same fingerprint are not asked for again."""
    asks: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Stands for all prompts of the job, so that a later one knows that there is nothing left to ask."""
    task: str = "question_answering"
    prompt_template: str = INPUT_PLACE
    decoding: Decoding = Field(default_factory=Decoding)
    metrics: tuple[Algorithm, ...] = Field(min_length=1)
    dataset_file: str = Field(default="test.jsonl", pattern=r"^[A-Za-z0-9._-]+$")
    concurrency: int = Field(default=8, ge=1, le=256)
    """The most prompts that may be under way at once; how many are is found out as the target answers."""
    target_output_delimiter: str | None = Field(default="<OR>", min_length=1)
    scoring: Scoring = Field(default_factory=Scoring)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.mode is Mode.ANSWERS and (self.target is None or self.identity is None):
            raise ValueError("mode `answers` needs a target and an identity")
        if self.mode is Mode.STORED and (NEEDS_TARGET | NEEDS_PERTURBATION).intersection(self.metrics):
            raise ValueError("stored answers have no target output: only toxicity can be scored")
        given = [metric for algorithm in self.metrics for metric in METRICS_OF[algorithm]]
        twice = sorted({metric for metric in given if given.count(metric) > 1})
        if twice:
            raise ValueError(f"two of the algorithms give {twice[0].value}")
        if INPUT_PLACE not in self.prompt_template:
            raise ValueError(f"prompt_template has no {INPUT_PLACE}")
        return self

    def prompt(self, text: str) -> str:
        """The prompt for one row's input."""
        return self.prompt_template.replace(INPUT_PLACE, text)


class DatasetRow(Ours):
    """A row of a registered dataset."""

    id: Id
    input: str = Field(min_length=1)
    target: str | None = None
    """None only where the task is open-ended."""
    category: str | None = None
    group: str | None = None
    """Rows of one group are not independent of each other: drawn from one document, one conversation, one person."""
    context: str | None = None

    @property
    def question(self) -> str:
        """What stands in a prompt for {input}: the input below its context, where it has one."""
        return f"{self.context}\n\n{self.input}" if self.context else self.input


class StoredRow(Ours):
    """An answer that was given already."""

    id: Id
    input: str
    answer: str


class Answer(Ours):
    """A line of `answers.jsonl`. Either `answer` or `failure` is set."""

    id: Id
    prompt: str
    answer: str | None
    latency_ms: float | None = None
    failure: str | None = None


class Scores(Ours):
    """A line of `scores.jsonl`; there `id` and the metrics stand side by side. None: could not be scored."""

    id: Id
    values: dict[Metric, float | None]

    def line(self) -> str:
        """The line, without its end."""
        values = {metric.value: value for metric, value in self.values.items()}
        return json.dumps({"id": self.id, **values}, allow_nan=False)

    @classmethod
    def read(cls, lines: Iterable[str]) -> list[Self]:
        """All rows of a file. ValidationError where a line holds what no scorer writes."""
        rows = (json.loads(line) for line in lines if line.strip())
        return [cls.model_validate({"id": row.pop("id", ""), "values": row}) for row in rows]


class MetricSummary(Ours):
    """The mean over the `n` rows that were scored; `missing` rows were not. None where no row was."""

    value: float | None
    n: int = Field(ge=0)
    missing: int = Field(ge=0)


class Scorer(Ours):
    """What gave the numbers: FMEval's algorithm, and the model behind it where there is one."""

    library: str
    model: str | None = None
    note: str | None = None
    not_available: dict[Metric, str] = Field(default_factory=dict)
    """Why a metric of the algorithm is missing everywhere, in a sentence."""


class Summary(Ours):
    """`summary.json`. `failures` counts the rows that got no answer."""

    run_id: Id
    candidate_id: Id
    rows: int = Field(ge=0)
    failures: int = Field(ge=0)
    metrics: dict[Metric, MetricSummary]
    scorers: dict[Algorithm, Scorer]
    # Two results may be compared only where all of these agree, `prompt_template` and `decoding` excepted.
    fingerprints: dict[str, str]
    candidate_fingerprint: str | None = None
    """Whose answers they are; None where nobody was asked, and likewise the next."""
    performance: Performance | None = None


class Known(Ours):
    """A job's word that all answers to its prompts are kept, or that some which should be are not."""

    complete: bool


class Stage(StrEnum):
    """What an evaluation job is at."""

    ANSWERS = "answers"
    SCORES = "scores"
    PROBES = "probes"
    """What a judge says of known answers; then the next."""
    VERDICTS = "verdicts"


class Progress(Ours):
    """`progress.json`, written anew as the job goes on."""

    stage: Stage
    done: int = Field(ge=0)
    total: int = Field(ge=0)
