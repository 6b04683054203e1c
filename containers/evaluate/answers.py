"""Gets an answer for every row, before anything is scored; a row that fails stops no other."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple, Protocol

from containers.evaluate.endpoint import NotAnswered
from containers.evaluate.failures import EvaluationFailed
from fmops.evaluation.models import Answer, StoredRow

# What failed for a passing reason is asked again when all others are through, which gives it time.
_ROUNDS = 3


class Target(Protocol):
    """Whatever answers prompts."""

    def ask(self, prompt: str) -> str:
        """The answer. NotAnswered where there is none."""


class _Try(NamedTuple):
    answer: Answer
    final: bool


def stored(rows: Sequence[StoredRow]) -> list[Answer]:
    """The answers that the rows carry."""
    return [Answer(id=row.id, prompt=row.input, answer=row.answer) for row in rows]


def collect(
    target: Target, prompts: Mapping[str, str], concurrency: int, report: Callable[[int, int], None]
) -> list[Answer]:
    """An answer or a failure for each prompt by its id, in the same order.

    EvaluationFailed when the first prompt is not answered: then none would be.
    """
    first = next(iter(prompts))
    answers = {first: _canary(target, first, prompts[first])}
    report(1, len(prompts))
    pending = [name for name in prompts if name != first]
    with ThreadPoolExecutor(concurrency, thread_name_prefix="ask") as pool:
        for left in reversed(range(_ROUNDS)):
            again = []
            for done in as_completed([pool.submit(_ask, target, name, prompts[name]) for name in pending]):
                outcome = done.result()
                if outcome.final or not left:
                    answers[outcome.answer.id] = outcome.answer
                    report(len(answers), len(prompts))
                else:
                    again.append(outcome.answer.id)
            pending = again
    return [answers[name] for name in prompts]


def _canary(target: Target, name: str, prompt: str) -> Answer:
    outcome = _ask(target, name, prompt)
    if outcome.answer.failure:
        raise EvaluationFailed(f"The target did not answer the first prompt: {outcome.answer.failure}")
    return outcome.answer


def _ask(target: Target, name: str, prompt: str) -> _Try:
    begun = time.monotonic()
    try:
        text = target.ask(prompt)
    except NotAnswered as failure:
        return _Try(Answer(id=name, prompt=prompt, answer=None, failure=str(failure)), failure.final)
    latency = round((time.monotonic() - begun) * 1000, 1)
    return _Try(Answer(id=name, prompt=prompt, answer=text, latency_ms=latency), final=True)
