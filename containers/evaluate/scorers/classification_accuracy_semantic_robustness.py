"""Classification accuracy's semantic robustness."""

from containers.evaluate.scorers import FMEVAL
from containers.evaluate.scorers.base import Means
from containers.evaluate.scorers.classification_accuracy import Labels
from containers.evaluate.scorers.deltas import DeltaScorer
from fmops.evaluation.algorithms import Metric
from fmops.evaluation.models import Scorer

_DELTAS = {Metric.CLASSIFICATION_ACCURACY: Metric.DELTA_CLASSIFICATION_ACCURACY}


def make(means: Means) -> DeltaScorer:
    return DeltaScorer(Labels(means).measure, _DELTAS, Scorer(library=FMEVAL))
