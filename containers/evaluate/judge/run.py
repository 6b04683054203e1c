"""The judging job: first known answers; then, where the judge knew enough of them, the candidates'."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from containers.evaluate import answer_store, request
from containers.evaluate.answer_store import Author
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.judge import asking, tables
from containers.evaluate.judge.asking import Heard
from containers.evaluate.places import Places
from containers.evaluate.reporter import Reporter
from fmops.evaluation.judge.cases import (
    Case,
    Orders,
    ask,
    ask_probe,
    of_candidates,
    orders,
    verdict,
    was_right,
)
from fmops.evaluation.judge.measuring import exact
from fmops.evaluation.judge.models import (
    JOB_FILE,
    SUMMARY_FILE,
    WORDS_TABLE,
    Accuracy,
    JudgeSummary,
    JudgingJob,
    Verdict,
)
from fmops.evaluation.judge.probes import accuracy, probes
from fmops.evaluation.judge.prompts import PROMPT_VERSION, Method
from fmops.evaluation.judge.sampling import sampled
from fmops.evaluation.judge.tally import position, tally
from fmops.evaluation.models import Answer, DatasetRow, Mode, Stage


def is_judging(config: Path) -> bool:
    """Whether the request is for a judge."""
    return (config / JOB_FILE).is_file()


def run(places: Places) -> None:
    """Read the request, ask about known answers, then about the candidates', write the verdicts."""
    job = read_job(places.config)
    dataset = places.dataset / job.dataset_file
    rows = {row.id: row for row in request.read_rows(dataset, Mode.ANSWERS) if isinstance(row, DatasetRow)}
    chosen = sampled(rows, job.sample)
    # Before the judge, which costs most: without answers there is nothing to ask it.
    given = {name: read_answers(places.candidates, name, chosen) for name in job.candidates}
    places.results.mkdir(parents=True, exist_ok=True)
    reporter = Reporter(places.progress)
    measured, both, said = _probe(job, list(rows.values()), places, reporter)
    heard, verdicts = [said], list[Verdict]()
    if measured.sure:
        wanted = of_candidates(job.method, job.reference, {row: rows[row].question for row in chosen}, given)
        verdicts, more = _judge(job, wanted, places, reporter, heard)
        heard.append(more)
        if job.method is Method.PAIRWISE:
            both += [(one.forward, one.backward) for one in verdicts if one.why in ("judged", "failed")]
    summary = JudgeSummary(
        run_id=job.run_id,
        method=job.method,
        reference=job.reference,
        rows=len(chosen),
        accuracy=measured,
        used=measured.sure,
        candidates=tally(verdicts),
        position=position(both) if job.method is Method.PAIRWISE else None,
        taken=asking.taken(heard),
        judge_fingerprint=job.identity.fingerprint,
        prompt_version=PROMPT_VERSION,
        dataset="sha256:" + hashlib.sha256(dataset.read_bytes()).hexdigest(),
    )
    answer_store.write(places.results / WORDS_TABLE, Author(job.identity, job.run_id), asking.words(heard))
    if measured.sure:
        tables.write_verdicts(places.results, job, verdicts)
        tables.write_scores(places.results, job, verdicts)
        tables.write_results(places.table, job, summary, verdicts, {row.id: row.category for row in rows.values()})
    # Last: whoever finds it finds the other files whole.
    (places.results / SUMMARY_FILE).write_text(summary.model_dump_json(indent=1))


def read_job(folder: Path) -> JudgingJob:
    """The request. EvaluationFailed says what is wrong with it."""
    try:
        return JudgingJob.model_validate_json((folder / JOB_FILE).read_bytes())
    except ValidationError as error:
        raise EvaluationFailed(f"{JOB_FILE}: {request.first_fault(error)}") from error


def read_answers(folder: Path, candidate: str, rows: Sequence[str]) -> dict[str, str | None]:
    """A candidate's answers to these rows. EvaluationFailed where its job left none."""
    file = folder / f"{candidate}.jsonl"
    if not file.is_file():
        raise EvaluationFailed(f"Candidate {candidate} left no answers to judge.")
    wanted = set(rows)
    with file.open(encoding="utf-8") as lines:
        found = (Answer.model_validate_json(line) for line in lines if line.strip())
        return {answer.id: answer.answer for answer in found if answer.id in wanted}


def _probe(
    job: JudgingJob, rows: Sequence[DatasetRow], places: Places, reporter: Reporter
) -> tuple[Accuracy, list[Orders], Heard]:
    known = {f"probe {one.name}": one for one in probes(job.known, rows, job.target_output_delimiter, job.probes)}
    asked = {name: ask_probe(job.method, job.criteria, one) for name, one in known.items()}
    heard = asking.ask(job, asked, places.shelf, reporter, Stage.PROBES)
    pairs = list(zip(known.values(), asked.values(), heard.said, strict=True))
    found = accuracy(
        job.min_accuracy, [(one.kind, was_right(job.method, put, said)) for one, put, said in pairs], exact
    )
    both = [orders(put, said) for _, put, said in pairs] if job.method is Method.PAIRWISE else []
    return found, both, heard


def _judge(
    job: JudgingJob, wanted: Sequence[Case], places: Places, reporter: Reporter, before: Sequence[Heard]
) -> tuple[list[Verdict], Heard]:
    asked = {f"{case.candidate} {case.record_id}": ask(job.method, job.criteria, case) for case in wanted}
    heard = asking.ask(job, asked, places.shelf, reporter, Stage.VERDICTS, before)
    triples = zip(wanted, asked.values(), heard.said, strict=True)
    return [verdict(job.method, case, put, said) for case, put, said in triples], heard
