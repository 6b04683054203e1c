"""Judges a window, writes it down, and publishes its figures."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from fmops.core import clock, log, wiring
from fmops.monitoring.judging import Bench, judge_window
from fmops.monitoring.models import Judgement, WindowTask

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, now = WindowTask.model_validate(event["task"]), clock.now()
    bench = Bench(wiring.ledger(), wiring.store(), wiring.emitter(), wiring.settings().artifacts_bucket)
    judgement, _ = judge_window(bench, task, event["shards"], scored=event["scored"], now=now)
    _publish(task.use_case, judgement, now)
    logger.info("window judged", extra={"run_id": task.run_id, "verdict": judgement.verdict})
    return {"verdict": judgement.verdict, "records": judgement.records}


def _publish(use_case: str, judgement: Judgement, now: datetime) -> None:
    """Metrics by EMF; dimensions are bounded by the number of use cases and features."""
    figures = {"WindowRecords": float(judgement.records), "UnreadableRecords": float(judgement.unreadable)}
    if judgement.toxicity:
        figures["ToxicShare"] = judgement.toxicity.share
    _flush({"UseCase": use_case}, figures, now)
    for feature, finding in judgement.drift.items():
        _flush({"UseCase": use_case, "Feature": feature}, {"Drift": finding.size}, now)


def _flush(dimensions: dict[str, str], figures: dict[str, float], now: datetime) -> None:
    metrics = EphemeralMetrics(namespace="fmops")
    for dimension, of in dimensions.items():
        metrics.add_dimension(dimension, of)
    for figure, value in figures.items():
        metrics.add_metric(figure, MetricUnit.NoUnit, value)
    metrics.set_timestamp(now)
    metrics.flush_metrics()
