"""Summarization accuracy's semantic robustness."""

from containers.evaluate.scorers import summarization_accuracy
from containers.evaluate.scorers.base import Means
from containers.evaluate.scorers.deltas import DeltaScorer
from fmops.evaluation.algorithms import Metric

_DELTAS = {
    Metric.METEOR: Metric.DELTA_METEOR,
    Metric.ROUGE: Metric.DELTA_ROUGE,
    Metric.BERTSCORE: Metric.DELTA_BERTSCORE,
}


def make(means: Means) -> DeltaScorer:
    measure, card = summarization_accuracy.measure_of(means)
    return DeltaScorer(measure, _DELTAS, card)
