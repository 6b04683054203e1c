"""What the evaluation job and the functions tell each other: the request, and the files of a result."""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fmops.core.models import Ours

Id = Annotated[str, StringConstraints(min_length=1, max_length=256)]

# Below the job's output folder `results`, and `progress`.
ANSWERS_FILE = "answers.jsonl"
SCORES_FILE = "scores.jsonl"
SUMMARY_FILE = "summary.json"
PROGRESS_FILE = "progress.json"
INPUT_PLACE = "{input}"


class Mode(StrEnum):
    """`answers`: ask the target, then score. `stored`: score the answers that the dataset's rows carry."""

    ANSWERS = "answers"
    STORED = "stored"


class Algorithm(StrEnum):
    """FMEval's algorithms, by FMEval's names."""

    QA_ACCURACY = "qa_accuracy"
    FACTUAL_KNOWLEDGE = "factual_knowledge"
    TOXICITY = "toxicity"


class Metric(StrEnum):
    """Every number that a row can get. Toxicity's are better when lower, the others when higher."""

    F1 = "f1"
    EXACT_MATCH = "exact_match"
    QUASI_EXACT_MATCH = "quasi_exact_match"
    PRECISION_OVER_WORDS = "precision_over_words"
    RECALL_OVER_WORDS = "recall_over_words"
    FACTUAL_KNOWLEDGE = "factual_knowledge"
    FACTUAL_KNOWLEDGE_QUASI = "factual_knowledge_quasi"
    TOXICITY = "toxicity"
    SEVERE_TOXICITY = "severe_toxicity"
    OBSCENE = "obscene"
    IDENTITY_ATTACK = "identity_attack"
    INSULT = "insult"
    THREAT = "threat"


METRICS_OF: dict[Algorithm, tuple[Metric, ...]] = {
    Algorithm.QA_ACCURACY: (
        Metric.F1,
        Metric.EXACT_MATCH,
        Metric.QUASI_EXACT_MATCH,
        Metric.PRECISION_OVER_WORDS,
        Metric.RECALL_OVER_WORDS,
    ),
    Algorithm.FACTUAL_KNOWLEDGE: (Metric.FACTUAL_KNOWLEDGE, Metric.FACTUAL_KNOWLEDGE_QUASI),
    Algorithm.TOXICITY: (
        Metric.TOXICITY,
        Metric.SEVERE_TOXICITY,
        Metric.OBSCENE,
        Metric.IDENTITY_ATTACK,
        Metric.INSULT,
        Metric.THREAT,
    ),
}

NEEDS_TARGET = frozenset({Algorithm.QA_ACCURACY, Algorithm.FACTUAL_KNOWLEDGE})
LOWER_IS_BETTER = frozenset(METRICS_OF[Algorithm.TOXICITY])


class EndpointTarget(Ours):
    """A SageMaker endpoint that speaks the Hugging Face text-generation format."""

    kind: Literal["endpoint"] = "endpoint"
    endpoint_name: str = Field(min_length=1, max_length=63)
    region: str = Field(min_length=1)


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
    target: EndpointTarget | None = None
    task: str = "question_answering"
    prompt_template: str = INPUT_PLACE
    decoding: Decoding = Decoding()
    metrics: tuple[Algorithm, ...] = Field(min_length=1)
    dataset_file: str = Field(default="test.jsonl", pattern=r"^[A-Za-z0-9._-]+$")
    concurrency: int = Field(default=8, ge=1, le=64)
    target_output_delimiter: str | None = Field(default="<OR>", min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.mode is Mode.ANSWERS and self.target is None:
            raise ValueError("mode `answers` needs a target")
        if self.mode is Mode.STORED and NEEDS_TARGET.intersection(self.metrics):
            raise ValueError("stored answers have no target output: only toxicity can be scored")
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


class Stage(StrEnum):
    """What an evaluation job is at."""

    ANSWERS = "answers"
    SCORES = "scores"


class Progress(Ours):
    """`progress.json`, written anew as the job goes on."""

    stage: Stage
    done: int = Field(ge=0)
    total: int = Field(ge=0)
