"""Factual knowledge: whether the answer holds the target."""

from fmeval.eval_algorithms.factual_knowledge import (
    FACTUAL_KNOWLEDGE,
    FACTUAL_KNOWLEDGE_QUASI_EXACT,
    FactualKnowledgeScores,
)

from containers.evaluate.scorers import FMEVAL
from containers.evaluate.scorers.base import Means, MeasuredScorer
from containers.evaluate.scorers.words import by_words
from fmops.evaluation.algorithms import Metric
from fmops.evaluation.models import Scorer


def make(means: Means) -> MeasuredScorer:
    measure = by_words(
        FactualKnowledgeScores(target_output_delimiter=means.split_at),
        as_typed={Metric.FACTUAL_KNOWLEDGE: FACTUAL_KNOWLEDGE},
        normalized={Metric.FACTUAL_KNOWLEDGE_QUASI: FACTUAL_KNOWLEDGE_QUASI_EXACT},
        delimiter=means.split_at,
    )
    return MeasuredScorer(measure, Scorer(library=FMEVAL))
