"""CloudWatch's API over metric data: put, list, statistics."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from local.cloudwatch.queries import Queries, check_statistic, invalid, key_of
from local.cloudwatch.store import Key, MetricStore, Sample, compute, sample_of_values
from local.events.rules import page
from local.protocol import Aws, AwsError, Caller, NotImplementedByEmbeddedAws, Service

_LIMIT: Final = 2.0**360
_PAST: Final = 14 * 86400
_FUTURE: Final = 2 * 3600

Request = dict[str, Any]
Answer = dict[str, Any]


class DataApi(Service):
    """Metrics in and out."""

    name: ClassVar[str] = "cloudwatch"

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.store = MetricStore()

    def record(
        self, namespace: str, name: str, value: float, unit: str = "None", dimensions: Mapping[str, str] | None = None
    ) -> None:
        """Add one value of a metric of AWS' own, from inside the process."""
        key = Key(namespace, name, frozenset((dimensions or {}).items()))
        self.store.add(key, [sample_of_values(self._aws.clock.now(), unit, {value: 1.0})])

    def put_metric_data(self, request: Request, caller: Caller) -> Answer:
        namespace = request["Namespace"]
        if namespace.startswith("AWS/") and not caller.is_root:
            raise AwsError("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
        if request.get("EntityMetricData"):
            raise NotImplementedByEmbeddedAws("EntityMetricData of PutMetricData")
        now = self._aws.clock.now()
        # All of it is checked before any of it is kept.
        samples = [
            (key_of({**datum, "Namespace": namespace}), _sample(datum, place, now))
            for place, datum in enumerate(request.get("MetricData", []), start=1)
        ]
        for key, sample in samples:
            self.store.add(key, [sample])
        return {}

    def list_metrics(self, request: Request, _caller: Caller) -> Answer:
        wanted = request.get("Dimensions", [])
        recent = self._aws.clock.now() - 3 * 3600 if request.get("RecentlyActive") else -math.inf
        keys = [
            key
            for key in sorted(self.store.keys(), key=lambda key: (key.namespace, key.name, sorted(key.dimensions)))
            if request.get("Namespace") in (None, key.namespace)
            and request.get("MetricName") in (None, key.name)
            and all(_has(key, dimension) for dimension in wanted)
            and self.store.last_at(key) >= recent
        ]
        found = page(keys, request, limit=500)
        return {"Metrics": [_metric(key) for key in found.pop("")], **found}

    def get_metric_statistics(self, request: Request, _caller: Caller) -> Answer:
        simple, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
        if not simple and not extended:
            raise AwsError(
                "InvalidParameterCombination", "At least one of Statistics and ExtendedStatistics is needed."
            )
        for stat in extended:
            check_statistic(stat)
        start, end = _span(request)
        period = request["Period"]
        start = period * math.floor(start / period)
        key = key_of(request)
        unit = request.get("Unit")
        bins = self.store.binned(key, start, end, period, unit)
        return {
            "Label": request["MetricName"],
            "Datapoints": [
                {
                    "Timestamp": begin,
                    "Unit": samples[0].unit,
                    **{stat: compute(stat, samples) for stat in simple},
                    **({"ExtendedStatistics": _extended(extended, samples)} if extended else {}),
                }
                for begin, samples in sorted(bins.items())
            ],
        }

    def get_metric_data(self, request: Request, _caller: Caller) -> Answer:
        queries = Queries(request["MetricDataQueries"])
        start, end = _span(request)
        descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = []
        for found in queries.run(self.store, start, end, aligned=True):
            points = sorted(found.series.items(), reverse=descending)
            results.append(
                {
                    "Id": found.id,
                    "Label": found.label,
                    "Timestamps": [at for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}


def _span(request: Request) -> tuple[float, float]:
    start: datetime = request["StartTime"]
    end: datetime = request["EndTime"]
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    return start.timestamp(), end.timestamp()


def _sample(datum: Mapping[str, Any], place: int, now: float) -> Sample:
    """A checked sample of one MetricDatum."""
    given = [member for member in ("Value", "Values", "StatisticValues") if member in datum]
    where = f"MetricData.member.{place}"
    if len(given) != 1:
        message = f"The parameters {where}.Value, Values and StatisticValues are mutually exclusive; one is needed."
        raise AwsError("InvalidParameterCombination", message)
    at = datum["Timestamp"].timestamp() if "Timestamp" in datum else now
    if not now - _PAST <= at <= now + _FUTURE:
        raise AwsError("InvalidParameterValue", f"The timestamp of {where} is more than 2 weeks old or 2 hours ahead.")
    unit = datum.get("Unit", "None")
    if given == ["StatisticValues"]:
        stats = datum["StatisticValues"]
        _finite(where, stats.values())
        number, total = stats["SampleCount"], stats["Sum"]
        return Sample(at, unit, number, total, stats["Minimum"], stats["Maximum"], ())
    values = [datum["Value"]] if given == ["Value"] else datum["Values"]
    counts = datum.get("Counts") or [1.0] * len(values)
    if len(counts) != len(values) or not values:
        raise AwsError(
            "InvalidParameterValue", f"{where}.Values and {where}.Counts must be of the same size, not empty."
        )
    _finite(where, [*values, *counts])
    totals: dict[float, float] = {}
    for value, count in zip(values, counts, strict=True):
        totals[value] = totals.get(value, 0.0) + count
    return sample_of_values(at, unit, totals)


def _finite(where: str, values: Any) -> None:
    if not all(math.isfinite(value) and abs(value) <= _LIMIT for value in values):
        raise AwsError("InvalidParameterValue", f"A value of {where} is not a number that CloudWatch takes.")


def _extended(stats: list[str], samples: list[Sample]) -> dict[str, float]:
    computed = {stat: compute(stat, samples) for stat in stats}
    return {stat: value for stat, value in computed.items() if value is not None}


def _has(key: Key, dimension: Mapping[str, str]) -> bool:
    return any(name == dimension["Name"] and dimension.get("Value") in (None, value) for name, value in key.dimensions)


def _metric(key: Key) -> Answer:
    dimensions = [{"Name": name, "Value": value} for name, value in sorted(key.dimensions)]
    return {"Namespace": key.namespace, "MetricName": key.name, "Dimensions": dimensions}
