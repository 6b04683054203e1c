"""CloudWatch's Embedded Metric Format: metrics that come out of log lines."""

import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from local.cloudwatch.store import Key, Sample, sample_of_values

logger = logging.getLogger(__name__)

_MOST_METRICS: Final = 100
_MOST_VALUES: Final = 100
_MOST_DIMENSIONS: Final = 30

Add = Callable[[Key, Iterable[Sample]], None]


class EmfError(ValueError):
    """A line that claims to be EMF and breaks its specification: CloudWatch would drop it silently."""


def is_emf(line: str) -> bool:
    """Whether a log line holds metrics, cheaply: most lines do not."""
    return line.lstrip().startswith("{") and '"_aws"' in line and '"CloudWatchMetrics"' in line


def metrics_of(line: str) -> list[tuple[Key, Sample]]:
    """The metrics of an EMF line. EmfError says what is wrong with it."""
    try:
        document = json.loads(line)
        at = document["_aws"]["Timestamp"] / 1000
        directives = document["_aws"]["CloudWatchMetrics"]
        return [pair for directive in directives for pair in _directive(directive, document, at)]
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, EmfError):
            raise
        raise EmfError(f"the structure is not that of EMF: {error!r}") from error


def _directive(directive: Mapping[str, Any], document: Mapping[str, Any], at: float) -> list[tuple[Key, Sample]]:
    metrics = directive["Metrics"]
    if len(metrics) > _MOST_METRICS:
        raise EmfError(f"{len(metrics)} metrics in one directive; at most {_MOST_METRICS} are allowed")
    sets = [_dimensions(names, document) for names in directive["Dimensions"]]
    pairs = []
    for metric in metrics:
        if metric["Name"] not in document:
            # CloudWatch passes over a metric that the root does not hold.
            continue
        sample = sample_of_values(at, metric.get("Unit", "None"), _values(metric["Name"], document[metric["Name"]]))
        pairs += [(Key(directive["Namespace"], metric["Name"], dimensions), sample) for dimensions in sets]
    return pairs


def _dimensions(names: list[str], document: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    if len(names) > _MOST_DIMENSIONS:
        raise EmfError(f"{len(names)} dimensions in one set; at most {_MOST_DIMENSIONS} are allowed")
    for name in names:
        value = document.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= 1024:
            raise EmfError(f"the dimension {name} is not a root member of 1 to 1024 characters")
    return frozenset((name, document[name]) for name in names)


def _values(name: str, target: Any) -> dict[float, float]:
    values = target if isinstance(target, list) else [target]
    if not 1 <= len(values) <= _MOST_VALUES:
        raise EmfError(f"the metric {name} has {len(values)} values; 1 to {_MOST_VALUES} are allowed")
    counts: dict[float, float] = {}
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise EmfError(f"the metric {name} has a value that is no number: {value!r}")
        counts[float(value)] = counts.get(float(value), 0.0) + 1
    return counts


class EmfIngest:
    """Puts the metrics of log lines where `add` keeps them."""

    def __init__(self, add: Add) -> None:
        self._add = add

    def ingest(self, line: str) -> bool:
        """Take the metrics of a line; whether it held any. A broken line is told, as nobody else would notice."""
        if not is_emf(line):
            return False
        try:
            found = metrics_of(line)
        except EmfError as error:
            logger.warning("a log line with broken embedded metrics: %s", error)
            return False
        for key, sample in found:
            self._add(key, [sample])
        return bool(found)
