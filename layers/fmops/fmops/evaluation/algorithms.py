"""FMEval's twelve algorithms: the metrics of each, and what it needs and leaves open."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from fmops.core.models import Ours


class Algorithm(StrEnum):
    """FMEval's algorithms, by FMEval's names."""

    QA_ACCURACY = "qa_accuracy"
    QA_ACCURACY_SEMANTIC_ROBUSTNESS = "qa_accuracy_semantic_robustness"
    QA_TOXICITY = "qa_toxicity"
    SUMMARIZATION_ACCURACY = "summarization_accuracy"
    SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS = "summarization_accuracy_semantic_robustness"
    SUMMARIZATION_TOXICITY = "summarization_toxicity"
    CLASSIFICATION_ACCURACY = "classification_accuracy"
    CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS = "classification_accuracy_semantic_robustness"
    FACTUAL_KNOWLEDGE = "factual_knowledge"
    GENERAL_SEMANTIC_ROBUSTNESS = "general_semantic_robustness"
    TOXICITY = "toxicity"
    PROMPT_STEREOTYPING = "prompt_stereotyping"


class Metric(StrEnum):
    """Every number that a row, or a whole data set, can get."""

    F1 = "f1"
    EXACT_MATCH = "exact_match"
    QUASI_EXACT_MATCH = "quasi_exact_match"
    PRECISION_OVER_WORDS = "precision_over_words"
    RECALL_OVER_WORDS = "recall_over_words"
    FACTUAL_KNOWLEDGE = "factual_knowledge"
    FACTUAL_KNOWLEDGE_QUASI = "factual_knowledge_quasi"
    METEOR = "meteor"
    ROUGE = "rouge"
    BERTSCORE = "bertscore"
    CLASSIFICATION_ACCURACY = "classification_accuracy"
    BALANCED_ACCURACY = "balanced_accuracy"
    PRECISION = "precision"
    RECALL = "recall"
    DELTA_F1 = "delta_f1"
    DELTA_EXACT_MATCH = "delta_exact_match"
    DELTA_QUASI_EXACT_MATCH = "delta_quasi_exact_match"
    DELTA_PRECISION_OVER_WORDS = "delta_precision_over_words"
    DELTA_RECALL_OVER_WORDS = "delta_recall_over_words"
    DELTA_METEOR = "delta_meteor"
    DELTA_ROUGE = "delta_rouge"
    DELTA_BERTSCORE = "delta_bertscore"
    DELTA_CLASSIFICATION_ACCURACY = "delta_classification_accuracy"
    WORD_ERROR_RATE = "word_error_rate"
    BERTSCORE_DISSIMILARITY = "bertscore_dissimilarity"
    TOXICITY = "toxicity"
    SEVERE_TOXICITY = "severe_toxicity"
    OBSCENE = "obscene"
    IDENTITY_ATTACK = "identity_attack"
    INSULT = "insult"
    THREAT = "threat"
    SEXUAL_EXPLICIT = "sexual_explicit"
    PROMPT_STEREOTYPING = "prompt_stereotyping"
    LOG_PROBABILITY_DIFFERENCE = "log_probability_difference"
    # A judge's, which no algorithm gives.
    JUDGE_WIN_RATE = "judge_win_rate"
    JUDGE_RUBRIC = "judge_rubric"


_TOXIC = (
    Metric.TOXICITY,
    Metric.SEVERE_TOXICITY,
    Metric.OBSCENE,
    Metric.IDENTITY_ATTACK,
    Metric.INSULT,
    Metric.THREAT,
    Metric.SEXUAL_EXPLICIT,
)

METRICS_OF: dict[Algorithm, tuple[Metric, ...]] = {
    Algorithm.QA_ACCURACY: (
        Metric.F1,
        Metric.EXACT_MATCH,
        Metric.QUASI_EXACT_MATCH,
        Metric.PRECISION_OVER_WORDS,
        Metric.RECALL_OVER_WORDS,
        Metric.BERTSCORE,
    ),
    Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS: (
        Metric.DELTA_F1,
        Metric.DELTA_EXACT_MATCH,
        Metric.DELTA_QUASI_EXACT_MATCH,
        Metric.DELTA_PRECISION_OVER_WORDS,
        Metric.DELTA_RECALL_OVER_WORDS,
        Metric.DELTA_BERTSCORE,
    ),
    Algorithm.QA_TOXICITY: _TOXIC,
    Algorithm.SUMMARIZATION_ACCURACY: (Metric.METEOR, Metric.ROUGE, Metric.BERTSCORE),
    Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS: (
        Metric.DELTA_METEOR,
        Metric.DELTA_ROUGE,
        Metric.DELTA_BERTSCORE,
    ),
    Algorithm.SUMMARIZATION_TOXICITY: _TOXIC,
    Algorithm.CLASSIFICATION_ACCURACY: (Metric.CLASSIFICATION_ACCURACY,),
    Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS: (Metric.DELTA_CLASSIFICATION_ACCURACY,),
    Algorithm.FACTUAL_KNOWLEDGE: (Metric.FACTUAL_KNOWLEDGE, Metric.FACTUAL_KNOWLEDGE_QUASI),
    Algorithm.GENERAL_SEMANTIC_ROBUSTNESS: (Metric.WORD_ERROR_RATE, Metric.BERTSCORE_DISSIMILARITY),
    Algorithm.TOXICITY: _TOXIC,
    Algorithm.PROMPT_STEREOTYPING: (Metric.PROMPT_STEREOTYPING, Metric.LOG_PROBABILITY_DIFFERENCE),
}
"""What each algorithm gives every row. The scores before the perturbation are those of the accuracy's algorithm."""

METRICS_OF_ALL_ROWS: dict[Algorithm, tuple[Metric, ...]] = {
    Algorithm.CLASSIFICATION_ACCURACY: (Metric.BALANCED_ACCURACY, Metric.PRECISION, Metric.RECALL),
}
"""What can be said of all rows together only: it is reported, and no gate can compare it row by row."""

NEEDS_PERTURBATION = frozenset(
    {
        Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.GENERAL_SEMANTIC_ROBUSTNESS,
    }
)
"""They compare the answer with the answers to the same prompt written a little differently."""

NEEDS_TARGET = frozenset(
    {
        Algorithm.QA_ACCURACY,
        Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.SUMMARIZATION_ACCURACY,
        Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.CLASSIFICATION_ACCURACY,
        Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS,
        Algorithm.FACTUAL_KNOWLEDGE,
        Algorithm.PROMPT_STEREOTYPING,
    }
)
TOXICITIES = frozenset({Algorithm.TOXICITY, Algorithm.QA_TOXICITY, Algorithm.SUMMARIZATION_TOXICITY})
"""One algorithm under three names: FMEval's differ in the data sets that come with them."""

BY_BERTSCORE = frozenset({Metric.BERTSCORE, Metric.DELTA_BERTSCORE, Metric.BERTSCORE_DISSIMILARITY})
LOWER_IS_BETTER = frozenset(
    {
        *_TOXIC,
        *(metric for algorithm in NEEDS_PERTURBATION for metric in METRICS_OF[algorithm]),
        # Best is one half. More is prejudice, and that is what a limit is for.
        *METRICS_OF[Algorithm.PROMPT_STEREOTYPING],
    }
)

Perturbation = Literal["butter_finger", "random_upper_case", "whitespace_add_remove"]
BertScoreModel = Literal["microsoft/deberta-xlarge-mnli", "roberta-large-mnli"]


class Scoring(Ours):
    """What FMEval's algorithms leave open. The defaults are FMEval's, but for BERTScore, which is off."""

    bertscore: BertScoreModel | None = None
    toxicity: Literal["detoxify", "toxigen"] = "detoxify"
    rouge: Literal["rouge1", "rouge2", "rougeL"] = "rouge2"
    labels: tuple[str, ...] = ()
    """The classes; none: those that the data set's targets name."""
    perturbation: Perturbation = "butter_finger"
    perturbations: int = Field(default=5, ge=1, le=20)
    """How many perturbed prompts are asked for each row."""
    seed: int = Field(default=5, ge=0)
