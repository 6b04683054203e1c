"""What asking several questions at once costs."""

from collections.abc import Sequence

import numpy as np

from fmops.statistics.weights import Singles


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values as they are once all questions count: the chance of any wrong claim stays below the level.

    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = largest
    return adjusted


def shared_tail(deviations: Singles, tail: float) -> float:
    """The tail at which each of several means may be tested, so that the best of them errs by `tail` only.

    `deviations` is (resamples, means): how the means vary together. The best of ten equal candidates looks better
    than it is; how much, the resamples tell, which know how much alike the candidates are. Between `tail` for copies
    of one another and about `tail / means` for strangers. Means that do not vary cannot have made anybody the best.
    Westfall and Young (1993), "Resampling-based multiple testing": single-step minP, which is max-T for any interval.
    """
    varying = deviations[:, np.ptp(deviations, axis=0) > 0]
    resamples, means = varying.shape
    if means < 2:
        return tail
    ranks = np.empty((resamples, means), dtype=np.int32)
    order = np.arange(1, resamples + 1, dtype=np.int32)
    for i in range(means):
        ranks[np.argsort(-varying[:, i]), i] = order
    place = max(0, int(tail * resamples) - 1)
    extremest = int(np.partition(ranks.min(axis=1), place)[place])
    return max(min(tail, extremest / int(resamples)), tail / int(means))
