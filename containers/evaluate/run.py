"""The whole job: answers first, scores afterwards."""

from containers.evaluate import answering, extra_prompts, result_table, results, toxicity_model
from containers.evaluate.places import Places
from containers.evaluate.reporter import Reporter
from containers.evaluate.request import read_job, read_rows
from containers.evaluate.scoring import score
from fmops.evaluation.algorithms import TOXICITIES
from fmops.evaluation.models import DatasetRow


def run(places: Places) -> None:
    """Read the request, get the answers, score them, write the results."""
    job = read_job(places.config)
    dataset = places.dataset / job.dataset_file
    rows = read_rows(dataset, job.mode)
    # Before the answers, which cost most: without a model the job can't end well.
    if TOXICITIES.intersection(job.metrics):
        toxicity_model.find(places.assets, job.scoring.toxicity)
    places.results.mkdir(parents=True, exist_ok=True)
    reporter = Reporter(places.progress)
    wanted = extra_prompts.wanted(job, rows)
    collected = answering.get_answers(job, rows, places.shelf, places.tokenizer, reporter, wanted)
    results.write_answers(places.results, job, collected)
    targets = {row.id: row.target for row in rows if isinstance(row, DatasetRow) and row.target is not None}
    extras = extra_prompts.extras(collected)
    scored = score(job, collected.answers, targets, extras, places.assets, reporter)
    results.write_scores(places.results, scored.rows)
    summary = results.summarize(job, collected, scored, dataset)
    categories = {row.id: row.category for row in rows if isinstance(row, DatasetRow)}
    result_table.write(places.table, job, summary, collected.answers, scored.rows, categories)
    results.write_summary(places.results, summary)
