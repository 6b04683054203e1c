"""What CloudWatch knows of an endpoint's traffic: invocations and latency. Talks to CloudWatch."""

from datetime import datetime
from typing import Any, NamedTuple

_NAMESPACE = "AWS/SageMaker"
_STATS = {"invocations": ("Invocations", "Sum"), "p50": ("ModelLatency", "p50"), "p95": ("ModelLatency", "p95")}
_MICROSECONDS = 1000.0


class Traffic(NamedTuple):
    """Of one window; None where CloudWatch has no data."""

    invocations: float | None
    p50_ms: float | None
    p95_ms: float | None


def traffic(cloudwatch: Any, endpoint: str, variant: str, start: datetime, end: datetime) -> Traffic:
    """`cloudwatch` is a boto3 client of CloudWatch."""
    period = int((end - start).total_seconds())
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": _NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
                "Period": period,
                "Stat": stat,
            },
        }
        for name, (metric, stat) in _STATS.items()
    ]
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
    found = {one["Id"]: one["Values"][0] for one in answer["MetricDataResults"] if one["Values"]}
    return Traffic(
        found.get("invocations"),
        found["p50"] / _MICROSECONDS if "p50" in found else None,
        found["p95"] / _MICROSECONDS if "p95" in found else None,
    )
