"""What a run will probably cost, from what earlier runs of its use case did: rules without I/O."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from fmops.core.models import Ours


class Past(NamedTuple):
    """A run that is over and paid."""

    run_id: str
    worst_usd: float
    actual_usd: float

    @property
    def share(self) -> float:
        return self.actual_usd / self.worst_usd


class Estimate(Ours):
    """US dollars. Without an earlier run only the worst case is known."""

    worst_usd: float
    likely_usd: float | None
    runs: int
    """How many earlier runs it is made from."""
    ratios: list[float]
    """What each of them, the first excepted, cost for each dollar that it was estimated at: 1 is exact."""

    @property
    def typical_ratio(self) -> float | None:
        return round(median(self.ratios), 3) if self.ratios else None


def estimate(worst_usd: float, past: Sequence[Past]) -> Estimate:
    """The worst case times the share of theirs that earlier runs used, at the median. `past` is oldest first."""
    usable = [run for run in past if run.worst_usd > 0]
    share = _share(usable)
    return Estimate(
        worst_usd=worst_usd,
        likely_usd=None if share is None else round(worst_usd * share, 4),
        runs=len(usable),
        ratios=_ratios(usable),
    )


def _share(past: Sequence[Past]) -> float | None:
    return median(run.share for run in past) if past else None


def _ratios(past: Sequence[Past]) -> list[float]:
    """Each run against what its forerunners alone would have said of it."""
    found = []
    for place, run in enumerate(past):
        share = _share(past[:place])
        if share:
            found.append(round(run.actual_usd / (run.worst_usd * share), 4))
    return found
