"""How long the intervals of paired differences take: 20 metrics, 1,000 items, 10,000 resamples.

Beside scipy's BCa bootstrap of the same differences. Ours has one set of weights for all metrics, which the ranking and
the correction for picking the best candidate need anyway; scipy draws for each metric.
"""

import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy.stats import bootstrap

from benchmarks.record import Figure
from fmops.statistics.bootstrap import mean_intervals
from fmops.statistics.weights import Floats

METRICS, ITEMS, RESAMPLES = 20, 1000, 10_000
# Two bootstraps of other seeds end so near to each other, in widths of the interval.
_AGREE = 0.05


def run() -> dict[str, Figure]:
    differences = data()
    ours = mean_intervals(differences, resamples=RESAMPLES)
    for interval, (low, high) in zip(ours, rival(differences), strict=True):
        if max(abs(interval.low - low), abs(interval.high - high)) > _AGREE * (high - low):
            raise RuntimeError(f"the intervals differ: {interval}, scipy's ends {low} and {high}")
    return {
        "bootstrap_ms": Figure(
            value=_milliseconds(lambda: mean_intervals(differences, resamples=RESAMPLES), 15),
            unit="ms",
            rival="scipy.stats.bootstrap, BCa",
            rival_value=_milliseconds(lambda: rival(differences), 3),
            note=f"95 % intervals of paired differences: {METRICS} metrics × {ITEMS:,} items × {RESAMPLES:,} resamples",
        )
    }


def data() -> Floats:
    """(items, metrics): differences of skewed scores, alike within an item."""
    random = np.random.default_rng(20_241_124)
    item = random.beta(1, 2, (ITEMS, 1))
    ours, theirs = (np.clip(item + random.normal(0, 0.2, (ITEMS, METRICS)), 0, 1) for _ in range(2))
    differences: Floats = ours - theirs
    return differences


def rival(differences: Floats) -> list[tuple[float, float]]:
    """As fast as scipy allows: of the differences themselves, with a statistic that takes all resamples at once."""
    found = []
    for column in differences.T:
        ends = bootstrap(
            (column,), np.mean, n_resamples=RESAMPLES, method="BCa", vectorized=True, rng=np.random.default_rng(1)
        ).confidence_interval
        found.append((float(ends.low), float(ends.high)))
    return found


def _milliseconds(work: Callable[[], object], times: int) -> float:
    """The median of the process's processor time."""
    used = []
    for _ in range(times):
        begun = time.process_time()
        work()
        used.append((time.process_time() - begun) * 1000)
    return round(statistics.median(used), 1)


if __name__ == "__main__":
    print(json.dumps(run()))
