"""From datapoints to an alarm's state: M out of N, and what missing data means. Pure rules, as AWS documents them."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}

EXTRA_PERIODS: Final = 2
"""How many more periods than EvaluationPeriods are looked at, as in AWS' examples (3 periods, a range of 5)."""


def judge(points: Sequence[bool | None], periods: int, needed: int, treatment: str, current: State) -> State:
    """The state after an evaluation.

    `points` is the evaluation range, oldest first: True for breaching, None for missing. `periods` is
    EvaluationPeriods (N), `needed` DatapointsToAlarm (M), `treatment` TreatMissingData.
    """
    present = [point for point in points if point is not None]
    if len(present) >= periods:
        # Enough real data: missing points do not count, whatever the treatment.
        return "ALARM" if sum(present[-periods:]) >= needed else "OK"
    breaching = sum(present)
    if treatment == "breaching":
        breaching += periods - len(present)
    if breaching >= needed:
        return "ALARM"
    if treatment in ("breaching", "notBreaching"):
        return "OK"
    if not present:
        return "INSUFFICIENT_DATA" if treatment == "missing" else current
    if breaching < len(present):
        return "OK"
    # All there is is breaching, but less than needed: an alarm only when that is old enough to be no coincidence.
    oldest_age = len(points) - points.index(True)
    return "ALARM" if treatment == "missing" and oldest_age >= needed else current
