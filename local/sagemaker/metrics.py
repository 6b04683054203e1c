"""CloudWatch metrics of jobs and endpoints, collected and sent in batches."""

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from local.protocol import Aws

ENDPOINTS = "AWS/SageMaker"
TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"

_MOST_VALUES = 150
_MOST_METRICS = 500


class _Series(NamedTuple):
    namespace: str
    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    second: int


class Metrics:
    """Values since the last flush. Safe to use from any thread."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._values: dict[_Series, list[float]] = {}

    def record(self, namespace: str, name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> None:
        series = _Series(namespace, name, unit, tuple(dimensions.items()), int(self._aws.clock.now()))
        with self._lock:
            self._values.setdefault(series, []).append(value)

    def flush(self) -> None:
        with self._lock:
            values, self._values = self._values, {}
        by_namespace: dict[str, list[dict[str, Any]]] = {}
        for series, numbers in values.items():
            for start in range(0, len(numbers), _MOST_VALUES):
                by_namespace.setdefault(series.namespace, []).append(
                    _datum(series, numbers[start : start + _MOST_VALUES])
                )
        for namespace, data in by_namespace.items():
            for start in range(0, len(data), _MOST_METRICS):
                self._aws.client("cloudwatch").put_metric_data(
                    Namespace=namespace, MetricData=data[start : start + _MOST_METRICS]
                )


def _datum(series: _Series, values: list[float]) -> dict[str, Any]:
    return {
        "MetricName": series.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
        "Timestamp": series.second,
        "Values": values,
        "Counts": [1.0] * len(values),
        "Unit": series.unit,
    }
