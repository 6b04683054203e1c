"""QA accuracy's semantic robustness."""

from containers.evaluate.scorers import qa_accuracy
from containers.evaluate.scorers.base import Means
from containers.evaluate.scorers.bertscore import BertScore
from containers.evaluate.scorers.deltas import DeltaScorer
from fmops.evaluation.algorithms import Metric

_DELTAS = {
    Metric.F1: Metric.DELTA_F1,
    Metric.EXACT_MATCH: Metric.DELTA_EXACT_MATCH,
    Metric.QUASI_EXACT_MATCH: Metric.DELTA_QUASI_EXACT_MATCH,
    Metric.PRECISION_OVER_WORDS: Metric.DELTA_PRECISION_OVER_WORDS,
    Metric.RECALL_OVER_WORDS: Metric.DELTA_RECALL_OVER_WORDS,
    Metric.BERTSCORE: Metric.DELTA_BERTSCORE,
}


def make(means: Means) -> DeltaScorer:
    bertscore = BertScore.of(means)
    return DeltaScorer(qa_accuracy.measure_of(means, bertscore), _DELTAS, qa_accuracy.card_of(bertscore))
