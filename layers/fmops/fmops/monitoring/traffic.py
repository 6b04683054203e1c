"""What CloudWatch knows of a target's traffic: invocations and latency. Talks to CloudWatch."""

from datetime import datetime
from typing import Any, NamedTuple

from fmops.monitoring.models import Target


class _Counted(NamedTuple):
    """How a service counts."""

    namespace: str
    dimensions: dict[str, str]
    latency: str
    per_millisecond: float
    """How many units of the latency metric make one."""

    @property
    def stats(self) -> dict[str, tuple[str, str]]:
        return {"invocations": ("Invocations", "Sum"), "p50": (self.latency, "p50"), "p95": (self.latency, "p95")}


class Traffic(NamedTuple):
    """Of one window; None where CloudWatch has no data."""

    invocations: float | None
    p50_ms: float | None
    p95_ms: float | None


def traffic(cloudwatch: Any, target: Target, start: datetime, end: datetime) -> Traffic:
    """`cloudwatch` is a boto3 client of CloudWatch. Bedrock counts all calls of a model, whoever made them."""
    period = int((end - start).total_seconds())
    counted = _counted(target)
    dimensions = [{"Name": name, "Value": value} for name, value in counted.dimensions.items()]
    queries = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": counted.namespace, "MetricName": metric, "Dimensions": dimensions},
                "Period": period,
                "Stat": stat,
            },
        }
        for name, (metric, stat) in counted.stats.items()
    ]
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
    found = {one["Id"]: one["Values"][0] for one in answer["MetricDataResults"] if one["Values"]}
    return Traffic(
        found.get("invocations"),
        found["p50"] / counted.per_millisecond if "p50" in found else None,
        found["p95"] / counted.per_millisecond if "p95" in found else None,
    )


def _counted(target: Target) -> _Counted:
    if target.model_id:
        dimensions = {"ModelId": target.model_id.rpartition("/")[2]}
        return _Counted("AWS/Bedrock", dimensions, "InvocationLatency", 1.0)
    dimensions = {"EndpointName": target.endpoint, "VariantName": target.variant}
    return _Counted("AWS/SageMaker", dimensions, "ModelLatency", 1000.0)
