"""Asks the judge as any target is asked: with a pace, each distinct prompt once, and none whose verdict is known."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from containers.evaluate import answers
from containers.evaluate.answer_store import Author, Kept
from containers.evaluate.answers import Collected, Shelf
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.reporter import Reporter
from containers.evaluate.targets.choosing import target_of
from fmops.evaluation.judge.models import JudgingJob, Taken
from fmops.evaluation.judge.prompts import Asked
from fmops.evaluation.models import INPUT_PLACE, Stage


class Heard(NamedTuple):
    """What the judge said, in the order of what it was asked; None where it said nothing."""

    said: list[list[str | None]]
    collected: Collected


def ask(
    job: JudgingJob,
    questions: Mapping[str, Sequence[Asked]],
    shelf: Shelf,
    reporter: Reporter,
    stage: Stage,
    before: Sequence[Heard] = (),
) -> Heard:
    """Put all questions before the judge; those of one name are kept together. What it said `before` counts.

    EvaluationFailed where it answers none of the first.
    """
    known = {kept.prompt: kept.answer for one in before for _, kept in one.collected.kept}
    names = {name: [f"{name} {place}" for place in range(1, len(asked) + 1)] for name, asked in questions.items()}
    prompts = {
        line: job.prompt_template.replace(INPUT_PLACE, one.prompt)
        for name, asked in questions.items()
        for line, one in zip(names[name], asked, strict=True)
    }
    try:
        collected = answers.collect(
            partial(target_of, job.target, job.decoding, job.concurrency),
            {line: prompt for line, prompt in prompts.items() if prompt not in known},
            shelf,
            Author(job.identity, job.run_id),
            job.concurrency,
            partial(reporter.report, stage),
        )
    except EvaluationFailed as error:
        raise EvaluationFailed(f"The judge can't be asked. {error}") from error
    found = known | {answer.prompt: answer.answer for answer in collected.answers}
    return Heard([[found[prompts[line]] for line in lines] for lines in names.values()], collected)


def taken(heard: Sequence[Heard]) -> Taken:
    """What all of it took."""
    new = {kept.prompt: kept for one in heard for _, kept in one.collected.kept if not kept.reused and kept.answer}
    measured = [one.collected.performance for one in heard if one.collected.performance]
    return Taken(
        calls=sum(one.model_calls for one in measured),
        reused=sum(one.reused for one in measured),
        input_tokens=_sum([kept.input_tokens for kept in new.values()]),
        output_tokens=_sum([kept.output_tokens for kept in new.values()]),
    )


def words(heard: Sequence[Heard]) -> list[tuple[str, Kept]]:
    """Everything that was said, by the name of the question."""
    return [line for one in heard for line in one.collected.kept]


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
