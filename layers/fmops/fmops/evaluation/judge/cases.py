"""What is put before a judge, and what its words come to."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fmops.evaluation.judge.models import Verdict
from fmops.evaluation.judge.probes import Probe, right
from fmops.evaluation.judge.prompts import Asked, Method, pairwise, rubric
from fmops.evaluation.judge.verdicts import SCORES, Outcome, Preference, grade, graded, outcome, preference

Orders = tuple[Preference | None, Preference | None]


class Case(NamedTuple):
    """An answer to be judged, and the one beside it."""

    record_id: str
    candidate: str
    question: str
    answer: str | None
    """None where there was none; likewise the next."""
    other: str | None = None

    @property
    def same(self) -> bool:
        """Whether there is nothing to choose."""
        return self.answer is not None and self.other is not None and self.answer.strip() == self.other.strip()


def of_candidates(
    method: Method,
    reference: str | None,
    questions: Mapping[str, str],
    answers: Mapping[str, Mapping[str, str | None]],
) -> list[Case]:
    """One for each row of each candidate; of pairs the reference's own is none. `answers` is by candidate and row."""
    return [
        Case(row, candidate, question, found.get(row), answers[reference].get(row) if reference else None)
        for candidate, found in answers.items()
        if method is Method.RUBRIC or candidate != reference
        for row, question in questions.items()
    ]


def ask(method: Method, criteria: str, case: Case) -> list[Asked]:
    """The prompts of a case: of a pair both orders, of a single answer one; none where there is nothing to judge."""
    if case.answer is None:
        return []
    if method is Method.RUBRIC:
        return [rubric(criteria, case.question, case.answer)]
    if case.other is None or case.same:
        return []
    return [
        pairwise(criteria, case.question, case.answer, case.other),
        pairwise(criteria, case.question, case.other, case.answer),
    ]


def ask_probe(method: Method, criteria: str, probe: Probe) -> list[Asked]:
    """Both orders, or both answers."""
    if method is Method.RUBRIC:
        return [rubric(criteria, probe.question, answer) for answer in (probe.better, probe.worse)]
    return ask(method, criteria, Case(probe.name, "", probe.question, probe.better, probe.worse))


def orders(asked: Sequence[Asked], said: Sequence[str | None]) -> Orders:
    """The verdicts of both orders."""
    forward, backward = (preference(one, words) for one, words in zip(asked, said, strict=True))
    return forward, backward


def was_right(method: Method, asked: Sequence[Asked], said: Sequence[str | None]) -> bool | None:
    """Whether the judge knew a probe's answer; None where its words are no verdict."""
    if method is Method.PAIRWISE:
        return right(method, outcome(*orders(asked, said)), None, None)
    better, worse = (grade(one, words) for one, words in zip(asked, said, strict=True))
    return right(method, None, better, worse)


def verdict(method: Method, case: Case, asked: Sequence[Asked], said: Sequence[str | None]) -> Verdict:
    """What became of a case."""
    found = Verdict(record_id=case.record_id, candidate=case.candidate, why="unanswered")
    if not asked:
        if method is Method.PAIRWISE and case.same:
            return found.model_copy(update={"why": "equal", "outcome": Outcome.TIE, "score": SCORES[Outcome.TIE]})
        return found
    if method is Method.RUBRIC:
        given = grade(asked[0], said[0])
        score = None if given is None else graded(given)
        return found.model_copy(update={"why": "failed" if given is None else "judged", "grade": given, "score": score})
    forward, backward = orders(asked, said)
    ended = outcome(forward, backward)
    return found.model_copy(
        update={
            "why": "judged" if ended else "failed",
            "forward": forward,
            "backward": backward,
            "outcome": ended,
            "score": SCORES[ended] if ended else None,
        }
    )
