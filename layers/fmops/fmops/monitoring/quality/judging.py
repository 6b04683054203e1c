"""Whether answers are surely worse than the release's evaluation was: rules without I/O."""

from collections.abc import Mapping, Sequence

import numpy as np

from fmops.monitoring.findings import BUDGET_HOURS
from fmops.monitoring.quality.models import Mean, MeasuredMetric, Quality
from fmops.statistics.bounded import bounded_means
from fmops.statistics.estimates import TAIL, Estimate
from fmops.statistics.proportion import ExactShare
from fmops.usecases.watching import Monitoring, TruthRule

_RESAMPLES = 20_000
_SEED = 1


def judge_quality(
    seen: Quality, scores: Mapping[str, Sequence[float]], evaluated: Mapping[str, Sequence[float]], rule: Monitoring
) -> Quality:
    """`seen` with what the scores say, by metric; `evaluated` are the evaluation's. All scores lie in 0 to 1.

    Shares have Clopper's and Pearson's bounds, other means Gaffke's. The alarms' budget (`false_alarms` in 90 days of
    windows) is split over the metrics, and between the bounds of either mean (Bonferroni).
    """
    how = rule.truth or TruthRule()
    tail = min(2 * TAIL, rule.false_alarms * rule.window_hours / BUDGET_HOURS) / max(1, len(scores)) / 2
    metrics = {name: _metric(found, evaluated.get(name, ()), how, tail) for name, found in scores.items()}
    reasons = [_sentence(name, found, how) for name, found in metrics.items() if found.worse]
    enough = any(found.now and found.now.n >= how.min_matched and found.evaluated for found in metrics.values())
    verdict = "ALARM" if reasons else "OK" if enough else "INSUFFICIENT_DATA"
    return Quality.model_validate(
        {**seen.model_dump(), "verdict": verdict, "metrics": metrics, "reasons": reasons, "least": how.min_matched}
    )


def _metric(now: Sequence[float], evaluated: Sequence[float], rule: TruthRule, tail: float) -> MeasuredMetric:
    ours = _estimate(now) if now else None
    usual = _estimate(evaluated) if len(evaluated) >= rule.min_matched else None
    worse = False
    if ours and usual and len(now) >= rule.min_matched:
        worse = ours.high(tail) < usual.low(tail) - rule.margin
    return MeasuredMetric(
        now=_mean(ours, len(now)) if ours else None,
        evaluated=_mean(usual, len(evaluated)) if usual else None,
        worse=worse,
    )


def _estimate(scores: Sequence[float]) -> Estimate:
    if all(score in (0.0, 1.0) for score in scores):
        return ExactShare(int(sum(scores)), len(scores))
    column = np.asarray(scores, dtype=np.float64)[:, None]
    return bounded_means(column, None, np.zeros(1), np.ones(1), resamples=_RESAMPLES, seed=_SEED)[0]


def _mean(found: Estimate, n: int) -> Mean:
    return Mean(value=found.value, low=found.low(TAIL), high=found.high(TAIL), n=n, method=found.method)


def _sentence(name: str, found: MeasuredMetric, rule: TruthRule) -> str:
    shown = [
        f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}] of {one.n:,}" for one in (found.now, found.evaluated) if one
    ]
    return f"{name.replace('_', ' ')} {shown[0]}, evaluated {shown[1]}; surely more than {rule.margin:g} worse"
