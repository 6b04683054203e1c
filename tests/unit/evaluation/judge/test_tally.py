"""Counting verdicts, and choosing what is judged."""

from typing import Any

from fmops.evaluation.judge.models import Tally, Verdict
from fmops.evaluation.judge.sampling import sampled
from fmops.evaluation.judge.tally import position, tally
from fmops.evaluation.judge.verdicts import Outcome, Preference

FIRST, SECOND, TIE = Preference.FIRST, Preference.SECOND, Preference.TIE


def verdict(candidate: str, why: Any, **members: Any) -> Verdict:
    return Verdict(record_id="r", candidate=candidate, why=why, **members)


def test_failed_verdicts_and_missing_answers_are_counted_and_are_neither_win_nor_loss() -> None:
    found = tally(
        [
            *[verdict("a", "judged", outcome=Outcome.WIN)] * 3,
            verdict("a", "judged", outcome=Outcome.LOSS),
            verdict("a", "judged", outcome=Outcome.TIE),
            verdict("a", "equal", outcome=Outcome.TIE),
            *[verdict("a", "failed")] * 2,
            verdict("a", "unanswered"),
            verdict("b", "judged", grade=5),
            verdict("b", "judged", grade=2),
            verdict("b", "judged", grade=5),
        ]
    )

    assert found["a"] == Tally(wins=3, losses=1, ties=2, equal=1, failed=2, unanswered=1)
    assert found["b"] == Tally(grades={2: 1, 5: 2})


def test_position_counts_who_prefers_a_place() -> None:
    found = position(
        [(FIRST, FIRST)] * 3 + [(SECOND, SECOND), (FIRST, SECOND), (TIE, TIE), (TIE, FIRST), (None, FIRST)]
    )

    assert (found.pairs, found.agreed, found.first, found.second) == (7, 2, 3, 1)


def test_a_sample_is_part_of_a_larger_one_and_depends_on_ids_alone() -> None:
    ids = [f"row-{n}" for n in range(200)]

    few, more = sampled(ids, 20), sampled(ids, 50)

    assert (len(few), len(more)) == (20, 50)
    assert set(few) < set(more)
    assert set(sampled(ids[::-1], 20)) == set(few)
    assert few == sorted(few, key=ids.index)
    assert sampled(ids, None) == ids == sampled(ids, 500)
