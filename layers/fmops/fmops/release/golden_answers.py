"""What the answers to the golden prompts say of that which gave them."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fmops.evaluation.models import Answer, Metric, Scores
from fmops.release.models import Compared, Verification
from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import Estimate
from fmops.usecases.metrics import METRICS

TAIL = 0.01
"""What is called worse is so by an error of at most 1 % for each metric: a sound release is rarely taken back."""


def judge(
    asked: Sequence[str],
    answers: Iterable[Answer],
    now: Mapping[str, Scores],
    then: Mapping[str, Scores],
    metrics: Iterable[str],
) -> Verification:
    """Compare the golden prompts' scores with those that the evaluation gave to the same rows.

    `metrics` are the use case's; what no algorithm scores (latency, cost) is left out.
    """
    given = {row.id for row in answers if row.answer and row.answer.strip()}
    return Verification(
        asked=len(asked),
        answered=len(given.intersection(asked)),
        compared=[_compared(name, asked, now, then) for name in metrics if METRICS[name].algorithm is not None],
    )


def problem(found: Verification) -> str | None:
    """What is wrong with how the golden prompts were answered, with the numbers, for people; None if nothing is."""
    if not found.asked:
        return "the evaluation holds no answer to compare with, so nothing could be verified"
    if found.answered < found.asked:
        return f"{found.asked - found.answered} of {found.asked} golden prompts got no answer"
    unknown = [one.metric for one in found.compared if one.high is None]
    if not found.compared or unknown:
        what = ", ".join(unknown) or "no metric"
        return f"{found.asked} golden prompts are too few, or lack scores, to say anything of {what}"
    worse = [one for one in found.compared if one.worse]
    return (
        f"the golden prompts are answered worse than in the evaluation: {'; '.join(map(_words, worse))}"
        if worse
        else None
    )


def _compared(name: str, asked: Sequence[str], now: Mapping[str, Scores], then: Mapping[str, Scores]) -> Compared:
    metric = Metric(name)
    pairs = [
        (new, old)
        for row in asked
        if row in now
        and row in then
        and (new := now[row].values.get(metric)) is not None
        and (old := then[row].values.get(metric)) is not None
    ]
    if not pairs:
        return Compared(metric=name, rows=0)
    sign = 1.0 if METRICS[name].higher_is_better else -1.0
    differences = sign * (np.array([new for new, _ in pairs]) - np.array([old for _, old in pairs]))
    estimate: Estimate | None = estimates({name: Column(differences, -1.0, 1.0)}, None).estimates[name]
    return Compared(
        metric=name,
        rows=len(pairs),
        now=float(np.mean([new for new, _ in pairs])),
        then=float(np.mean([old for _, old in pairs])),
        difference=float(differences.mean()),
        low=estimate.low(TAIL) if estimate else None,
        high=estimate.high(TAIL) if estimate else None,
    )


def _words(one: Compared) -> str:
    figures = (one.now, one.then, one.difference, one.low, one.high)
    now, then, difference, low, high = (f"{figure or 0:.3f}" for figure in figures)
    return (
        f"{one.metric} {now} instead of {then} over {one.rows} prompts (by {difference}, 98 % interval {low} to {high})"
    )
