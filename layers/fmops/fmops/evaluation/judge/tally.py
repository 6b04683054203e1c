"""Counts verdicts."""

from collections import Counter
from collections.abc import Iterable

from fmops.evaluation.judge.models import Position, Tally, Verdict
from fmops.evaluation.judge.verdicts import Outcome, Preference


def tally(verdicts: Iterable[Verdict]) -> dict[str, Tally]:
    """By candidate."""
    found: dict[str, Counter[str]] = {}
    grades: dict[str, Counter[int]] = {}
    for one in verdicts:
        counts = found.setdefault(one.candidate, Counter())
        counts[one.outcome.value if one.outcome else "graded"] += 1
        counts[one.why] += 1
        if one.grade is not None:
            grades.setdefault(one.candidate, Counter())[one.grade] += 1
    return {
        name: Tally(
            wins=counts[Outcome.WIN.value],
            ties=counts[Outcome.TIE.value],
            losses=counts[Outcome.LOSS.value],
            equal=counts["equal"],
            failed=counts["failed"],
            unanswered=counts["unanswered"],
            grades=dict(sorted(grades.get(name, Counter()).items())),
        )
        for name, counts in found.items()
    }


def position(orders: Iterable[tuple[Preference | None, Preference | None]]) -> Position:
    """From the verdicts with one answer first and with the other first."""
    both = [(one, other) for one, other in orders if one is not None and other is not None]
    first = sum(pair == (Preference.FIRST, Preference.FIRST) for pair in both)
    second = sum(pair == (Preference.SECOND, Preference.SECOND) for pair in both)
    agreed = sum(
        pair
        in (
            (Preference.FIRST, Preference.SECOND),
            (Preference.SECOND, Preference.FIRST),
            (Preference.TIE, Preference.TIE),
        )
        for pair in both
    )
    return Position(pairs=len(both), agreed=agreed, first=first, second=second)
