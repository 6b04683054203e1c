"""The metrics themselves: every value kept, so that any statistic over any period can be computed."""

import bisect
import math
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Dimensions = frozenset[tuple[str, str]]

SIMPLE_STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")


class Key(NamedTuple):
    """What makes a metric one metric: exactly these dimensions."""

    namespace: str
    name: str
    dimensions: Dimensions


class Sample(NamedTuple):
    """What one datum said: values with their counts, or only a statistic set."""

    at: float
    unit: str
    number: float
    total: float
    low: float
    high: float
    values: tuple[tuple[float, float], ...]
    """(value, count); empty for a statistic set, from which percentiles cannot be told."""


@dataclass
class _Series:
    times: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        place = bisect.bisect_right(self.times, sample.at)
        self.times.insert(place, sample.at)
        self.samples.insert(place, sample)

    def between(self, start: float, end: float) -> list[Sample]:
        return self.samples[bisect.bisect_left(self.times, start) : bisect.bisect_left(self.times, end)]


class MetricStore:
    """All metrics of the account. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[Key, _Series] = {}

    def add(self, key: Key, samples: Iterable[Sample]) -> None:
        with self._lock:
            series = self._series.setdefault(key, _Series())
            for sample in samples:
                series.add(sample)

    def keys(self) -> list[Key]:
        with self._lock:
            return list(self._series)

    def counts(self) -> dict[Key, int]:
        """How many samples each metric has."""
        with self._lock:
            return {key: len(series.samples) for key, series in self._series.items()}

    def samples(self, key: Key) -> list[Sample]:
        """All that was said of the metric, in the order of time."""
        with self._lock:
            return list(self._series[key].samples)

    def replace(self, key: Key, samples: Iterable[Sample]) -> None:
        """Let the metric have these samples only."""
        with self._lock:
            self._series[key] = _Series()
        self.add(key, samples)

    def last_at(self, key: Key) -> float:
        """When the metric was last given a value."""
        with self._lock:
            return self._series[key].times[-1]

    def unit(self, key: Key) -> str | None:
        """The unit of the newest value."""
        with self._lock:
            series = self._series.get(key)
            return series.samples[-1].unit if series and series.samples else None

    def binned(
        self, key: Key, start: float, end: float, period: float, unit: str | None = None
    ) -> dict[float, list[Sample]]:
        """Samples from `start` until before `end`, by the beginning of their period (counted from `start`)."""
        with self._lock:
            series = self._series.get(key)
            found = series.between(start, end) if series else []
        bins: dict[float, list[Sample]] = {}
        for sample in found:
            if unit is None or sample.unit == unit:
                bins.setdefault(start + period * ((sample.at - start) // period), []).append(sample)
        return bins

    def statistic(
        self, key: Key, start: float, end: float, period: float, stat: str, unit: str | None = None
    ) -> dict[float, float]:
        """One statistic by period; a period without values is not in it."""
        computed = (
            (begin, compute(stat, samples)) for begin, samples in self.binned(key, start, end, period, unit).items()
        )
        return {begin: value for begin, value in computed if value is not None}


def known_statistic(stat: str) -> bool:
    """Whether `compute` knows it: the simple ones, and percentiles like p99 or p99.9."""
    return stat in SIMPLE_STATISTICS or _PERCENTILE.fullmatch(stat) is not None


def compute(stat: str, samples: Sequence[Sample]) -> float | None:
    """The statistic of samples; None for a percentile over statistic sets. ValueError for an unknown one."""
    match stat:
        case "SampleCount":
            return math.fsum(sample.number for sample in samples)
        case "Sum":
            return math.fsum(sample.total for sample in samples)
        case "Average":
            count = math.fsum(sample.number for sample in samples)
            return math.fsum(sample.total for sample in samples) / count if count else None
        case "Minimum":
            return min(sample.low for sample in samples)
        case "Maximum":
            return max(sample.high for sample in samples)
    if not _PERCENTILE.fullmatch(stat):
        raise ValueError(f"the statistic {stat} is not known")
    return _percentile(float(stat[1:]), samples)


def _percentile(percent: float, samples: Sequence[Sample]) -> float | None:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    if any(not sample.values for sample in samples):
        return None
    pairs = sorted(pair for sample in samples for pair in sample.values)
    needed = math.fsum(count for _, count in pairs) * percent / 100
    seen = 0.0
    for value, count in pairs:
        seen += count
        if seen >= needed:
            return value
    return pairs[-1][0]


def sample_of_values(at: float, unit: str, values: Mapping[float, float]) -> Sample:
    """A sample of values and how often each occurred."""
    return Sample(
        at,
        unit,
        math.fsum(values.values()),
        math.fsum(value * count for value, count in values.items()),
        min(values),
        max(values),
        tuple(values.items()),
    )
