"""Gets an answer for every row, before anything is scored: once for each distinct prompt, and none twice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from containers.evaluate.answer_store import Author, Keeper, Kept, earlier
from containers.evaluate.asking import Asked, Outcome, ask_all
from containers.evaluate.targets.asking import Target
from fmops.evaluation.models import Answer, StoredRow
from fmops.evaluation.performance import Measured, Performance, performance


class Shelf(NamedTuple):
    """Where answers are found and kept."""

    known: Path
    """What earlier jobs kept of this candidate."""
    new: Path
    """What this job keeps; uploaded as it is written."""


class Collected(NamedTuple):
    """What became of each row, in the rows' order."""

    answers: list[Answer]
    kept: Sequence[tuple[str, Kept]] = ()
    """The same with all that is known of each; empty where nobody was asked."""
    performance: Performance | None = None
    also: Mapping[str, list[Answer]] = {}
    """Answers to further prompts, by the id of the row that they were asked for."""
    log_probabilities: Mapping[str, tuple[float | None, float | None]] = {}
    """Of a row's prompt and of the one that its target makes, by the row's id."""
    fingerprints: Mapping[str, str] = {}
    """What distinguishes the candidate beside its prompt template and decoding."""


def stored(rows: Sequence[StoredRow]) -> Collected:
    """The answers that the rows carry."""
    return Collected([Answer(id=row.id, prompt=row.input, answer=row.answer) for row in rows])


def collect(
    target: Callable[[], Target],
    prompts: Mapping[str, str],
    shelf: Shelf,
    author: Author,
    most: int,
    report: Callable[[int, int], None],
) -> Collected:
    """An answer or a failure for each prompt by its row's id. `target` is made only where something is left to ask.

    EvaluationFailed when the first prompts are not answered: then none would be.
    """
    first_of: dict[str, str] = {}
    for name, prompt in prompts.items():
        first_of.setdefault(prompt, name)
    known = earlier(shelf.known, author.identity)
    found = {prompt: known[prompt] for prompt in first_of if prompt in known}
    reused = len(found)
    report(reused, len(first_of))
    keeper = Keeper(shelf.new, author, first_of)

    def hear(outcome: Outcome) -> None:
        kept = found[outcome.prompt] = _kept(outcome)
        keeper.keep(kept)
        report(len(found), len(first_of))

    asked = Asked(0, 0)
    missing = [prompt for prompt in first_of if prompt not in found]
    if missing:
        print(f"{reused} answers are known, {len(missing)} are asked for", flush=True)
        try:
            asked = ask_all(target(), missing, most, hear)
        finally:
            keeper.flush()
    rows = [(name, found[prompt]) for name, prompt in prompts.items()]
    return Collected([_line(*row) for row in rows], rows, _performance(found.values(), asked, reused))


def _line(name: str, kept: Kept) -> Answer:
    return Answer(id=name, prompt=kept.prompt, answer=kept.answer, latency_ms=kept.latency_ms, failure=kept.failure)


def _kept(outcome: Outcome) -> Kept:
    reply = outcome.reply
    return Kept(
        prompt=outcome.prompt,
        answer=reply.text if reply else None,
        failure=outcome.failure,
        latency_ms=outcome.latency_ms,
        machine_ms=outcome.machine_ms,
        input_tokens=reply.input_tokens if reply else None,
        output_tokens=reply.output_tokens if reply else None,
        intervened=reply.intervened if reply else False,
        answered_at=outcome.at,
    )


def _performance(found: Iterable[Kept], asked: Asked, reused: int) -> Performance:
    measured = [
        Measured(kept.latency_ms, kept.machine_ms, kept.input_tokens, kept.output_tokens, kept.intervened)
        for kept in found
        if kept.answer is not None and kept.latency_ms is not None
    ]
    return performance(measured, model_calls=asked.calls, reused=reused, concurrency=asked.peak or None)
