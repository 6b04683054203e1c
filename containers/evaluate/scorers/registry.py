"""All twelve algorithms, each with what makes its scorer."""

from collections.abc import Callable

from containers.evaluate.scorers import (
    classification_accuracy,
    classification_accuracy_semantic_robustness,
    factual_knowledge,
    general_semantic_robustness,
    prompt_stereotyping,
    qa_accuracy,
    qa_accuracy_semantic_robustness,
    summarization_accuracy,
    summarization_accuracy_semantic_robustness,
    toxicity,
)
from containers.evaluate.scorers.base import Means, RowScorer
from fmops.evaluation.algorithms import Algorithm

REGISTRY: dict[Algorithm, Callable[[Means], RowScorer]] = {
    Algorithm.QA_ACCURACY: qa_accuracy.make,
    Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS: qa_accuracy_semantic_robustness.make,
    Algorithm.QA_TOXICITY: toxicity.make,
    Algorithm.SUMMARIZATION_ACCURACY: summarization_accuracy.make,
    Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS: summarization_accuracy_semantic_robustness.make,
    Algorithm.SUMMARIZATION_TOXICITY: toxicity.make,
    Algorithm.CLASSIFICATION_ACCURACY: classification_accuracy.make,
    Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS: classification_accuracy_semantic_robustness.make,
    Algorithm.FACTUAL_KNOWLEDGE: factual_knowledge.make,
    Algorithm.GENERAL_SEMANTIC_ROBUSTNESS: general_semantic_robustness.make,
    Algorithm.TOXICITY: toxicity.make,
    Algorithm.PROMPT_STEREOTYPING: prompt_stereotyping.make,
}
