"""The whole job: answers first, scores afterwards."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from containers.evaluate import answers, results, toxicity_model
from containers.evaluate.endpoint import Endpoint
from containers.evaluate.reporter import Reporter
from containers.evaluate.request import read_job, read_rows
from fmops.evaluation.models import (
    METRICS_OF,
    Algorithm,
    Answer,
    DatasetRow,
    EvaluationJob,
    Metric,
    Scorer,
    Scores,
    Stage,
    StoredRow,
)

_BATCH = 64  # FMEval's own, for toxicity.


class Places(NamedTuple):
    """The folders of the job."""

    config: Path
    dataset: Path
    results: Path
    progress: Path
    # What the image carries: models.
    assets: Path


def run(places: Places) -> None:
    """Read the request, get the answers, score them, write the results."""
    job = read_job(places.config)
    dataset = places.dataset / job.dataset_file
    rows = read_rows(dataset, job.mode)
    # Before the answers, which cost most: without a model the job can't end well.
    toxicity = toxicity_model.find(places.assets) if Algorithm.TOXICITY in job.metrics else None
    places.results.mkdir(parents=True, exist_ok=True)
    reporter = Reporter(places.progress)
    given = get_answers(job, rows, reporter)
    results.write_answers(places.results, given)
    targets = {row.id: row.target for row in rows if isinstance(row, DatasetRow) and row.target is not None}
    scores, scorers = score(job, given, targets, toxicity, reporter)
    results.write_scores(places.results, scores)
    results.write_summary(places.results, results.summarize(job, given, scores, scorers, dataset))


def get_answers(
    job: EvaluationJob, rows: Sequence[DatasetRow] | Sequence[StoredRow], reporter: Reporter
) -> list[Answer]:
    """An answer or a failure for each row, in the rows' order."""
    if job.target is None:
        return answers.stored([row for row in rows if isinstance(row, StoredRow)])
    prompts = {row.id: job.prompt(row.question) for row in rows if isinstance(row, DatasetRow)}
    endpoint = Endpoint.of(job.target, job.decoding, job.concurrency)
    return answers.collect(endpoint, prompts, job.concurrency, partial(reporter.report, Stage.ANSWERS))


def score(
    job: EvaluationJob,
    given: Sequence[Answer],
    targets: Mapping[str, str],
    toxicity: toxicity_model.ToxicityModel | None,
    reporter: Reporter,
) -> tuple[list[Scores], dict[Algorithm, Scorer]]:
    """The scores of each row, in the answers' order, and who gave them. A row without an answer has none."""
    print("loading the scorers", flush=True)
    # FMEval takes seconds to import, and a target that answers nothing should be known before.
    from containers.evaluate import scorers

    chosen = {name: scorers.make(name, job.target_output_delimiter, toxicity) for name in job.metrics}
    nothing: dict[Metric, float | None] = {metric: None for name in chosen for metric in METRICS_OF[name]}
    values = {answer.id: dict(nothing) for answer in given}
    answered = [answer for answer in given if answer.answer is not None]
    for begin in range(0, len(answered), _BATCH):
        batch = answered[begin : begin + _BATCH]
        pairs = [scorers.Pair(answer.answer or "", targets.get(answer.id, "")) for answer in batch]
        for scorer in chosen.values():
            for answer, scored in zip(batch, scorer.score(pairs), strict=True):
                values[answer.id].update(scored)
        reporter.report(Stage.SCORES, begin + len(batch), len(answered))
    scores = [Scores(id=answer.id, values=values[answer.id]) for answer in given]
    return scores, {name: scorer.card for name, scorer in chosen.items()}
