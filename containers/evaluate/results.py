"""Puts the numbers together and writes the files of a result."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fmops.core.ids import digest
from fmops.evaluation.models import (
    ANSWERS_FILE,
    METRICS_OF,
    SCORES_FILE,
    SUMMARY_FILE,
    Algorithm,
    Answer,
    EvaluationJob,
    Metric,
    MetricSummary,
    Scorer,
    Scores,
    Summary,
)


def write_answers(folder: Path, answers: Iterable[Answer]) -> None:
    """A line for each row."""
    _write_lines(folder / ANSWERS_FILE, (answer.model_dump_json() for answer in answers))


def write_scores(folder: Path, scores: Iterable[Scores]) -> None:
    """A line for each row."""
    _write_lines(folder / SCORES_FILE, (row.line() for row in scores))


def write_summary(folder: Path, summary: Summary) -> None:
    """Last: whoever finds it finds the other files whole."""
    (folder / SUMMARY_FILE).write_text(summary.model_dump_json(indent=1))


def summarize(
    job: EvaluationJob,
    answers: Sequence[Answer],
    scores: Sequence[Scores],
    scorers: Mapping[Algorithm, Scorer],
    dataset: Path,
) -> Summary:
    """Means over what was scored, counts of what was not, and what the numbers depend on."""
    metrics = [metric for algorithm in job.metrics for metric in METRICS_OF[algorithm]]
    return Summary(
        run_id=job.run_id,
        candidate_id=job.candidate_id,
        rows=len(answers),
        failures=sum(answer.answer is None for answer in answers),
        metrics={metric: mean_of(metric, scores) for metric in metrics},
        scorers=dict(scorers),
        fingerprints={
            "dataset": "sha256:" + hashlib.sha256(dataset.read_bytes()).hexdigest(),
            "prompt_template": digest(job.prompt_template),
            "decoding": digest(job.decoding.model_dump(mode="json")),
            "scorers": digest(
                {
                    "cards": {name.value: card.model_dump(mode="json") for name, card in scorers.items()},
                    "target_output_delimiter": job.target_output_delimiter,
                }
            ),
        },
    )


def mean_of(metric: Metric, scores: Sequence[Scores]) -> MetricSummary:
    """The mean over the rows that have the metric; None, not 0, where none has."""
    values = [value for row in scores if (value := row.values.get(metric)) is not None]
    mean = math.fsum(values) / len(values) if values else None
    return MetricSummary(value=mean, n=len(values), missing=len(scores) - len(values))


def _write_lines(file: Path, lines: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
