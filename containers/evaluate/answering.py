"""The answers of a job: asked for, or those that the rows carry."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from containers.evaluate import answers
from containers.evaluate.answer_store import Author, say_known
from containers.evaluate.answers import Collected, Shelf
from containers.evaluate.chat import Tokenizer, rendered
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.likelihoods import get_likelihoods
from containers.evaluate.reporter import Reporter
from containers.evaluate.targets.choosing import target_of
from fmops.evaluation.models import DatasetRow, EvaluationJob, Stage, StoredRow
from fmops.evaluation.targets import Identity


def get_answers(
    job: EvaluationJob,
    rows: Sequence[DatasetRow] | Sequence[StoredRow],
    shelf: Shelf,
    tokenizer_folder: Path,
    reporter: Reporter,
    also: Mapping[str, Sequence[str]] | None = None,
) -> Collected:
    """An answer or a failure for each row, in the rows' order; and for each of the prompts `also` asked for a row."""
    if job.target is None or job.identity is None:
        return answers.stored([row for row in rows if isinstance(row, StoredRow)])
    tokenizer = Tokenizer(tokenizer_folder) if tokenizer_folder.is_dir() else None
    target, further = job.target, dict(also or {})
    prompts = {
        row.id: rendered(target, job.prompt(row.question), tokenizer) for row in rows if isinstance(row, DatasetRow)
    }
    names = _names(further, prompts)
    asked = {
        name: rendered(target, prompt, tokenizer)
        for row, given in further.items()
        for name, prompt in zip(names[row], given, strict=True)
    }
    try:
        collected = answers.collect(
            partial(target_of, target, job.decoding, job.concurrency, tokenizer),
            prompts | asked,
            shelf,
            Author(job.identity, job.run_id),
            job.concurrency,
            partial(reporter.report, Stage.ANSWERS),
        )
    except EvaluationFailed:
        say_known(shelf.new, job.asks, complete=False)
        raise
    asked_rows = [row for row in rows if isinstance(row, DatasetRow)]
    report = partial(reporter.report, Stage.ANSWERS)
    likelihoods = get_likelihoods(job, asked_rows, shelf, tokenizer, report)
    answered = all(answer.answer is not None for answer in collected.answers)
    say_known(shelf.new, job.asks, complete=answered and likelihoods.complete)
    found = {answer.id: answer for answer in collected.answers}
    return collected._replace(
        fingerprints=_fingerprints(job.identity, tokenizer),
        answers=[found[name] for name in prompts],
        kept=[(name, kept) for name, kept in collected.kept if name in prompts],
        log_probabilities=likelihoods.of,
        also={row: [found[name].model_copy(update={"id": row}) for name in of] for row, of in names.items()},
    )


def _names(further: Mapping[str, Sequence[str]], taken: Mapping[str, str]) -> dict[str, list[str]]:
    """A name for each further prompt that is no row's."""
    prefix = "also"
    while any(name.startswith(prefix) for name in taken):
        prefix += "-"
    numbers = count()
    return {row: [f"{prefix}{next(numbers)}" for _ in prompts] for row, prompts in further.items()}


def _fingerprints(identity: Identity, tokenizer: Tokenizer | None) -> dict[str, str]:
    """What distinguishes this candidate from others beside its prompt template and decoding."""
    found = {"artifact": identity.artifact, "candidate": identity.fingerprint}
    if identity.guardrail:
        found["guardrail"] = identity.guardrail
    return found | (tokenizer.fingerprints() if tokenizer else {})
