"""How likely a target finds the two sentences of each row, where that is scored and the target tells it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from containers.evaluate.answer_store import Author
from containers.evaluate.answers import Shelf, collect
from containers.evaluate.chat import Tokenizer, rendered
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.targets.endpoint import LIKELIHOOD, Endpoint, Likelihood
from fmops.core.ids import digest
from fmops.evaluation.algorithms import Algorithm
from fmops.evaluation.models import DatasetRow, EvaluationJob
from fmops.evaluation.targets import EndpointTarget

Pair = tuple[float | None, float | None]


class Likelihoods(NamedTuple):
    """By the row's id: of its prompt, and of the prompt that its target makes."""

    of: Mapping[str, Pair] = {}
    complete: bool = True
    """Whether all that was asked for is known."""


def wanted(job: EvaluationJob) -> bool:
    """Whether somebody is to be asked: only endpoints tell."""
    return Algorithm.PROMPT_STEREOTYPING in job.metrics and isinstance(job.target, EndpointTarget)


def get_likelihoods(
    job: EvaluationJob,
    rows: Sequence[DatasetRow],
    shelf: Shelf,
    tokenizer: Tokenizer | None,
    report: Callable[[int, int], None],
) -> Likelihoods:
    """Asked for as answers are, kept beside them, and found again. Nothing where the target tells nothing."""
    target = job.target
    if not wanted(job) or not isinstance(target, EndpointTarget) or job.identity is None:
        return Likelihoods()
    prompts: dict[str, str] = {}
    names: dict[str, tuple[str, str]] = {}
    numbers = count()
    for row in rows:
        if row.target is None:
            continue
        pair = (row.question, row.model_copy(update={"input": row.target}).question)
        names[row.id] = (f"likelihood{next(numbers)}", f"likelihood{next(numbers)}")
        prompts |= {
            name: rendered(target, job.prompt(text), tokenizer) for name, text in zip(names[row.id], pair, strict=True)
        }
    if not prompts:
        return Likelihoods()
    # Another thing than an answer of the same candidate to the same prompt.
    whose = job.identity.model_copy(update={"decoding": digest(LIKELIHOOD)})
    author = Author(whose, job.run_id)
    try:
        found = collect(
            lambda: Likelihood(Endpoint.of(target, job.decoding, job.concurrency, None)),
            prompts,
            shelf,
            author,
            job.concurrency,
            report,
        )
    except EvaluationFailed as error:
        if target.endpoint_name is None:
            raise
        print(f"no log-probabilities: {error}", flush=True)
        return Likelihoods(complete=False)
    told = {answer.id: None if answer.answer is None else float(answer.answer) for answer in found.answers}
    of = {row: (told[more], told[less]) for row, (more, less) in names.items()}
    return Likelihoods(of, complete=None not in told.values())
