"""Judges a window, writes it down, and publishes its figures."""

from datetime import datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from fmops.core import clock, log, wiring
from fmops.monitoring.judging import Bench, judge_window
from fmops.monitoring.models import Judgement, WindowTask
from fmops.monitoring.probe.models import due
from fmops.monitoring.quality.models import Quality
from fmops.text.lexicon import Lexicon
from fmops.usecases.store import load

logger = log.logger("monitoring")


@cache
def _lexicon() -> Lexicon:
    return Lexicon()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task, now = WindowTask.model_validate(event["task"]), clock.now()
    bench = Bench(
        ledger=wiring.ledger(),
        store=wiring.store(),
        emitter=wiring.emitter(),
        cloudwatch=wiring.client("cloudwatch"),
        bucket=wiring.settings().artifacts_bucket,
        lexicon=_lexicon(),
    )
    said = event.get("quality")
    judgement, target = judge_window(
        bench,
        task,
        failed=event["failed"],
        due=event["due"],
        scored=event["scored"],
        quality=Quality.model_validate(said) if said else None,
        unmeasured=event.get("unmeasured", ""),
        now=now,
    )
    _publish(task.use_case, judgement, now)
    logger.info("window judged", extra={"run_id": task.run_id, "verdict": judgement.verdict})
    rule = load(wiring.ledger(), task.use_case).monitoring
    probe = due(wiring.ledger(), target, rule, now)
    return {"verdict": judgement.verdict, "records": judgement.records, "probe_due": probe}


def _publish(use_case: str, judgement: Judgement, now: datetime) -> None:
    """Metrics by EMF; dimensions are bounded by the number of use cases and features."""
    figures = {"WindowRecords": float(judgement.records), "UnreadableRecords": float(judgement.unreadable)}
    if judgement.toxicity:
        figures["ToxicShare"] = judgement.toxicity.share
    if judgement.coverage:
        figures["CaptureCoverage"] = judgement.coverage.share
    if judgement.latency:
        figures["LatencyP50"] = judgement.latency.p50
    if judgement.feedback:
        figures["FeedbackVotes"] = float(judgement.feedback.votes)
    # Of too few votes a share says nothing, and its line would only jump.
    if judgement.feedback and judgement.feedback.now and judgement.feedback.verdict != "INSUFFICIENT_DATA":
        figures["ThumbsDownShare"] = judgement.feedback.now.share
    if judgement.quality and judgement.quality.captured:
        figures["TruthCoverage"] = judgement.quality.matched / judgement.quality.captured
    if judgement.usage.cost_usd is not None:
        figures["CostUsd"] = judgement.usage.cost_usd
    figures["Tokens"] = float(judgement.usage.prompt_tokens + judgement.usage.answer_tokens)
    _flush({"UseCase": use_case}, figures, now)
    if judgement.quality:
        for metric, measured in judgement.quality.metrics.items():
            if measured.now and measured.now.n >= judgement.quality.least:
                _flush({"UseCase": use_case, "Metric": metric}, {"AnswerQuality": measured.now.value}, now)
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
