"""QA accuracy: how near the answer is to the nearest of the target's alternatives."""

from fmeval.eval_algorithms.qa_accuracy import (
    EXACT_MATCH_SCORE,
    F1_SCORE,
    PRECISION_OVER_WORDS,
    QUASI_EXACT_MATCH_SCORE,
    RECALL_OVER_WORDS,
    QAAccuracyScores,
)

from containers.evaluate.scorers import FMEVAL
from containers.evaluate.scorers.base import Means, Measure, MeasuredScorer, Values, alternatives, sentences
from containers.evaluate.scorers.bertscore import BertScore
from containers.evaluate.scorers.words import by_words
from fmops.evaluation.algorithms import Metric
from fmops.evaluation.models import Scorer


def make(means: Means) -> MeasuredScorer:
    bertscore = BertScore.of(means)
    return MeasuredScorer(measure_of(means, bertscore), card_of(bertscore))


def card_of(bertscore: BertScore) -> Scorer:
    return Scorer(library=FMEVAL, model=bertscore.name, not_available=sentences({Metric.BERTSCORE: bertscore.reason}))


def measure_of(means: Means, bertscore: BertScore) -> Measure:
    words = by_words(
        QAAccuracyScores(target_output_delimiter=means.split_at),
        as_typed={Metric.EXACT_MATCH: EXACT_MATCH_SCORE},
        normalized={
            Metric.F1: F1_SCORE,
            Metric.QUASI_EXACT_MATCH: QUASI_EXACT_MATCH_SCORE,
            Metric.PRECISION_OVER_WORDS: PRECISION_OVER_WORDS,
            Metric.RECALL_OVER_WORDS: RECALL_OVER_WORDS,
        },
        delimiter=means.split_at,
    )

    def measure(answer: str, target: str) -> Values:
        values = words(answer, target)
        values[Metric.BERTSCORE] = bertscore.score(alternatives(target, means.split_at), answer)
        return values

    return measure
