"""Intervals of many columns, each over the rows that have a value."""

import numpy as np

from fmops.selection.models import Difference, MetricResult
from fmops.selection.scores import Floats
from fmops.statistics.bootstrap import Interval, mean_intervals


def intervals(columns: dict[str, Floats], confidence: float) -> dict[str, Interval | None]:
    """The interval of each named column's mean; None where no row has a value.

    Columns that lack the same rows share one bootstrap, so that 20,000 rows cost one set of resamples.
    """
    groups: dict[bytes, list[str]] = {}
    for name, column in columns.items():
        groups.setdefault(np.isfinite(column).tobytes(), []).append(name)
    found: dict[str, Interval | None] = {}
    for names in groups.values():
        present = np.isfinite(columns[names[0]])
        if not present.any():
            found |= dict.fromkeys(names)
            continue
        matrix = np.column_stack([columns[name][present] for name in names])
        found |= dict(zip(names, mean_intervals(matrix, confidence=confidence), strict=True))
    return found


def metric_result(interval: Interval | None, rows: int) -> MetricResult:
    if interval is None:
        return MetricResult(value=None, low=None, high=None, n=0, missing=rows)
    value, low, high, n = interval
    return MetricResult(value=value, low=low, high=high, n=n, missing=rows - n)


def difference(interval: Interval | None) -> Difference:
    if interval is None:
        return Difference(value=None, low=None, high=None, n=0)
    value, low, high, n = interval
    return Difference(value=value, low=low, high=high, n=n)
