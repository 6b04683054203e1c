"""The alarms that veto a release: made for it, read when it was taken back, and removed after it. Pure."""

from typing import Any, NamedTuple

from fmops.serving.requests import VARIANT
from fmops.usecases.releasing import Guard

METRICS = "fmops"
QUALITY_VETO = "QualityVeto"
"""1 where the golden prompts were answered surely worse than in the evaluation, 0 where not."""
_SAGEMAKER = "AWS/SageMaker"
_LEAST_LATENCY_MS = 1000.0
_TIMES_EVALUATED = 2


class Watched(NamedTuple):
    """What a release's alarms watch."""

    release_id: str
    use_case: str
    endpoint: str
    endpoint_config: str
    error_share: float
    latency_p95_ms: float | None
    """None: nobody knows what to expect, so nothing is watched."""


def latency_limit(guard: Guard, evaluated_p95_ms: float | None) -> float | None:
    """Milliseconds from which on the new fleet is too slow; None where neither the team nor the evaluation says one."""
    if guard.latency_p95_ms is not None:
        return guard.latency_p95_ms
    return None if evaluated_p95_ms is None else max(_TIMES_EVALUATED * evaluated_p95_ms, _LEAST_LATENCY_MS)


def prefix(stack_prefix: str, release_id: str) -> str:
    """What the names of a release's alarms begin with."""
    return f"{stack_prefix}-{release_id}-"


def alarms(stack_prefix: str, watched: Watched, tags: dict[str, str]) -> list[dict[str, Any]]:
    """PutMetricAlarm's requests."""
    before = prefix(stack_prefix, watched.release_id)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    found = [
        {
            "AlarmName": f"{before}errors",
            "AlarmDescription": f"Release {watched.release_id}: answers of the new fleet that failed",
            **_of_new_fleet(watched, "Invocation5XXErrors"),
            "Statistic": "Average",
            "Threshold": watched.error_share,
        },
        {
            "AlarmName": f"{before}quality",
            "AlarmDescription": f"Release {watched.release_id}: golden prompts answered worse than in the evaluation",
            "Namespace": METRICS,
            "MetricName": QUALITY_VETO,
            "Dimensions": veto_dimensions(watched.use_case, watched.release_id),
            "Statistic": "Maximum",
            "Threshold": 0.5,
            # The veto is told once: silence after it does not take it back.
            "TreatMissingData": "ignore",
        },
    ]
    if watched.latency_p95_ms is not None:
        found.append(
            {
                "AlarmName": f"{before}latency",
                "AlarmDescription": f"Release {watched.release_id}: 1 of 20 answers of the new fleet took longer",
                **_of_new_fleet(watched, "ModelLatency"),
                "ExtendedStatistic": "p95",
                # ModelLatency is in microseconds.
                "Threshold": watched.latency_p95_ms * 1000,
            }
        )
    common = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "ActionsEnabled": False,
        "Tags": listed,
    }
    return [{**common, **request} for request in found]


def veto_dimensions(use_case: str, release_id: str) -> list[dict[str, str]]:
    return [{"Name": "UseCase", "Value": use_case}, {"Name": "Release", "Value": release_id}]


def _of_new_fleet(watched: Watched, metric: str) -> dict[str, Any]:
    """Without the configuration as a dimension the old fleet would count too."""
    return {
        "Namespace": _SAGEMAKER,
        "MetricName": metric,
        "Dimensions": [
            {"Name": "EndpointName", "Value": watched.endpoint},
            {"Name": "VariantName", "Value": VARIANT},
            {"Name": "EndpointConfigName", "Value": watched.endpoint_config},
        ],
    }
