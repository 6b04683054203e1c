"""Classification accuracy: whether the first label in the answer is the right one."""

from collections.abc import Sequence

import numpy as np
from fmeval.eval_algorithms.classification_accuracy import (
    BALANCED_ACCURACY_SCORE,
    CLASSIFICATION_ACCURACY_SCORE,
    CLASSIFICATION_ACCURACY_SCORES_TO_FUNCS,
    CLASSIFIED_MODEL_OUTPUT_COLUMN_NAME,
    PRECISION_SCORE,
    RECALL_SCORE,
    ClassificationAccuracy,
    ClassificationAccuracyScores,
)

from containers.evaluate.scorers import FMEVAL
from containers.evaluate.scorers.base import OUTPUT, TARGET, Means, MeasuredScorer, Record, Values, finite, nothing
from fmops.evaluation.algorithms import METRICS_OF_ALL_ROWS, Algorithm, Metric
from fmops.evaluation.models import Scorer

_NAMES = {
    Metric.BALANCED_ACCURACY: BALANCED_ACCURACY_SCORE,
    Metric.PRECISION: PRECISION_SCORE,
    Metric.RECALL: RECALL_SCORE,
}


class Labels:
    """FMEval's transform for the labels of a data set."""

    def __init__(self, means: Means) -> None:
        self._transform = ClassificationAccuracyScores(valid_labels=list(means.labels))

    def measure(self, answer: str, target: str) -> Values:
        """1 or 0; None where there is no target."""
        label = plain(target)
        if not label:
            return nothing(Algorithm.CLASSIFICATION_ACCURACY)
        record = self._transform({TARGET: label, OUTPUT: answer})
        return {Metric.CLASSIFICATION_ACCURACY: finite(record[CLASSIFICATION_ACCURACY_SCORE])}

    def found(self, record: Record) -> str:
        """The label in the answer, or FMEval's word for none."""
        label: str = self._transform({TARGET: "", OUTPUT: record.answer})[CLASSIFIED_MODEL_OUTPUT_COLUMN_NAME]
        return label


class ClassificationScorer(MeasuredScorer):
    """Scores each row, and all together."""

    def __init__(self, labels: Labels) -> None:
        super().__init__(labels.measure, Scorer(library=FMEVAL))
        self._labels = labels

    def overall(self, records: Sequence[Record]) -> Values:
        """Balanced accuracy, precision and recall over the rows that have a target."""
        scored = [record for record in records if plain(record.target)]
        if not scored:
            return dict.fromkeys(METRICS_OF_ALL_ROWS[Algorithm.CLASSIFICATION_ACCURACY])
        right = np.array([plain(record.target) for record in scored])
        found = np.array([self._labels.found(record) for record in scored])
        score = ClassificationAccuracy()._get_score
        return {
            metric: finite(score(right, found, CLASSIFICATION_ACCURACY_SCORES_TO_FUNCS[name]))
            for metric, name in _NAMES.items()
        }


def make(means: Means) -> ClassificationScorer:
    return ClassificationScorer(Labels(means))


def plain(label: str) -> str:
    """As FMEval writes what it finds in an answer: a target with a capital would match none."""
    return label.lower().strip()
