"""Makes the sheet of a review from a run's rows and answers: rules without I/O."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from fmops.evaluation.models import Answer, DatasetRow
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.reviews.models import Item, Pair, Settled, Sheet
from fmops.evaluation.reviews.sampling import assign, draw, rows_that_fit, sample
from fmops.text.pii import mask
from fmops.usecases.review import Review

_LONGEST_QUESTION, _LONGEST_ANSWER = 12_000, 8_000

ReadAnswers = Callable[[str, Collection[str]], Mapping[str, Answer]]
"""A candidate's answers to the rows of these ids, by id."""


class Draft(NamedTuple):
    """What decides a sheet beside the answers."""

    plan: Plan
    review: Review
    reviewers: Sequence[str]
    """Opaque ids."""
    seed: str


def pairs(plan: Plan, review: Review) -> list[Pair]:
    """Whose answers people compare; none where no candidate has a champion or an untuned base beside it."""
    champion = next((candidate.id for candidate in plan.candidates if candidate.is_champion), None)
    serving = champion if review.against == "champion" else None
    return [
        Pair(candidate=candidate.id, rival=rival)
        for candidate in plan.candidates
        if not candidate.is_champion and (not review.candidates or candidate.id in review.candidates)
        if (rival := serving or candidate.base) is not None
    ]


def prepare(draft: Draft, rows: Sequence[DatasetRow], read: ReadAnswers) -> Sheet:
    """The sheet. The same draft, rows and answers give the same sheet."""
    compared = pairs(draft.plan, draft.review)
    count = rows_that_fit(draft.review.items, len(compared), len(draft.reviewers), draft.review.overlap)
    drawn = sample({row.id: row.category for row in rows}, count, draft.seed)
    by_id = {row.id: row for row in rows}
    answers = {
        name: read(name, set(drawn)) for name in {name for pair in compared for name in (pair.candidate, pair.rival)}
    }
    items: list[Item] = []
    settled: list[Settled] = []
    for row in drawn:
        for pair in compared:
            ours, theirs = (_said(answers[name].get(row)) for name in (pair.candidate, pair.rival))
            if ours == theirs:
                settled.append(Settled(row=row, pair=pair))
            else:
                items.append(_item(draft, by_id[row], pair, ours, theirs))
    return Sheet(
        run_id=draft.plan.run_id,
        use_case=draft.plan.use_case,
        seed=draft.seed,
        pairs=compared,
        sampled=len(drawn),
        items=items,
        settled=settled,
        assigned=assign([item.id for item in items], draft.reviewers, draft.review.overlap, draft.seed),
    )


def _item(draft: Draft, row: DatasetRow, pair: Pair, ours: str | None, theirs: str | None) -> Item:
    expected = row.target if draft.review.show_target else None
    return Item(
        id=draw(draft.seed, "item", row.id, pair.candidate, pair.rival)[:16],
        row=row.id,
        pair=pair,
        question=_shown(row.question, _LONGEST_QUESTION),
        target=_shown(" or ".join(_several(expected)), _LONGEST_ANSWER) if expected is not None else None,
        answer=_shown(ours, _LONGEST_ANSWER) if ours is not None else None,
        rival_answer=_shown(theirs, _LONGEST_ANSWER) if theirs is not None else None,
    )


def _several(target: str) -> Iterator[str]:
    return (part.strip() for part in target.split("<OR>"))


def _said(answer: Answer | None) -> str | None:
    return answer.answer.strip() if answer is not None and answer.answer is not None else None


def _shown(text: str, longest: int) -> str:
    """As it may be written down: what names or reaches a person is masked; what no reviewer would read is cut."""
    masked = mask(text)
    return masked if len(masked) <= longest else f"{masked[:longest]} […]"
