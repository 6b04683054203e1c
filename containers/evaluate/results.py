"""Puts the numbers together and writes the files of a result."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from containers.evaluate import answer_store
from containers.evaluate.answer_store import Author
from containers.evaluate.answers import Collected
from containers.evaluate.scoring import Scored
from fmops.core.ids import digest
from fmops.core.version import folder_digest
from fmops.evaluation.models import (
    ANSWERS_FILE,
    ANSWERS_TABLE,
    METRICS_OF,
    METRICS_OF_ALL_ROWS,
    PERTURBED_FILE,
    SCORES_FILE,
    SUMMARY_FILE,
    EvaluationJob,
    Metric,
    MetricSummary,
    Scores,
    Summary,
)


def write_answers(folder: Path, job: EvaluationJob, collected: Collected) -> None:
    """A line for each row; and where somebody was asked a table, with all that is known of each answer."""
    _write_lines(folder / ANSWERS_FILE, (answer.model_dump_json() for answer in collected.answers))
    if collected.also:
        _write_lines(folder / PERTURBED_FILE, (one.model_dump_json() for of in collected.also.values() for one in of))
    if job.identity:
        answer_store.write(folder / ANSWERS_TABLE, Author(job.identity, job.run_id), collected.kept)


def write_scores(folder: Path, scores: Iterable[Scores]) -> None:
    """A line for each row."""
    _write_lines(folder / SCORES_FILE, (row.line() for row in scores))


def write_summary(folder: Path, summary: Summary) -> None:
    """Last: whoever finds it finds the other files whole."""
    (folder / SUMMARY_FILE).write_text(summary.model_dump_json(indent=1))


def summarize(
    job: EvaluationJob,
    collected: Collected,
    scored: Scored,
    dataset: Path,
) -> Summary:
    """Means over what was scored, counts of what was not, and what the numbers depend on."""
    given = dict.fromkeys(metric for row in scored.rows for metric in row.values)
    return Summary(
        run_id=job.run_id,
        candidate_id=job.candidate_id,
        rows=len(collected.answers),
        failures=sum(answer.answer is None for answer in collected.answers),
        metrics={metric: mean_of(metric, scored.rows) for metric in given} | whole_of(scored),
        scorers=scored.scorers,
        fingerprints={
            "dataset": "sha256:" + hashlib.sha256(dataset.read_bytes()).hexdigest(),
            "prompt_template": digest(job.prompt_template),
            "decoding": digest(job.decoding.model_dump(mode="json")),
            "scorers": digest(
                {
                    "cards": {name.value: card.model_dump(mode="json") for name, card in scored.scorers.items()},
                    "target_output_delimiter": job.target_output_delimiter,
                    "scoring": job.scoring.model_dump(mode="json"),
                }
            ),
            "container": folder_digest(Path(__file__).parent),
            **collected.fingerprints,
        },
        candidate_fingerprint=job.identity.fingerprint if job.identity else None,
        performance=collected.performance,
    )


def whole_of(scored: Scored) -> dict[Metric, MetricSummary]:
    """What only all rows together have, over those rows that the algorithm scored."""
    found = {}
    for algorithm in METRICS_OF_ALL_ROWS.keys() & scored.scorers.keys():
        rows = mean_of(METRICS_OF[algorithm][0], scored.rows)
        for metric in METRICS_OF_ALL_ROWS[algorithm]:
            found[metric] = MetricSummary(value=scored.overall[metric], n=rows.n, missing=rows.missing)
    return found


def mean_of(metric: Metric, scores: Sequence[Scores]) -> MetricSummary:
    """The mean over the rows that have the metric; None, not 0, where none has."""
    values = [value for row in scores if (value := row.values.get(metric)) is not None]
    mean = math.fsum(values) / len(values) if values else None
    return MetricSummary(value=mean, n=len(values), missing=len(scores) - len(values))


def _write_lines(file: Path, lines: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
