"""The metrics that a use case may name: what gives each, which way is better, and what it is about."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Algorithm = Literal[
    "qa_accuracy",
    "qa_accuracy_semantic_robustness",
    "qa_toxicity",
    "summarization_accuracy",
    "summarization_accuracy_semantic_robustness",
    "summarization_toxicity",
    "classification_accuracy",
    "classification_accuracy_semantic_robustness",
    "factual_knowledge",
    "general_semantic_robustness",
    "toxicity",
    "prompt_stereotyping",
]
Task = Literal["question_answering", "summarization", "classification", "open_ended"]

Dimension = Literal["quality", "toxicity", "robustness", "latency", "cost"]
"""What a use case weighs against each other."""

LATENCY, COST = "latency_p95_ms", "cost_usd_per_1000"
WIN_RATE = "judge_win_rate"
HUMAN = "human_win_rate"
"""How often people prefer a candidate's answers to those of what it is compared with, ties by half. Only the rows of
their sheet have it."""


class Metric(NamedTuple):
    """One score of one algorithm, of a judge or of people, between 0 and 1; or what answers take and cost."""

    algorithm: Algorithm | None
    """Where the task does not say otherwise; None where none gives it."""
    higher_is_better: bool
    dimension: Dimension = "quality"
    judge: Literal["pairwise", "rubric"] | None = None
    """The method by which a judge gives it."""

    @property
    def measured(self) -> bool:
        """Latency and cost: of no best and worst of their own, and not of single answers' worth."""
        return self.dimension in ("latency", "cost")


_QA_ROBUST: Algorithm = "qa_accuracy_semantic_robustness"
_SUMMARY_ROBUST: Algorithm = "summarization_accuracy_semantic_robustness"

# FMEval's word error rate and log-probability difference are reported only: they have no upper end, and no rule can
# weigh them. Balanced accuracy, precision and recall belong to all rows together; no gate can compare them row by row.
METRICS: dict[str, Metric] = {
    "f1": Metric("qa_accuracy", True),
    "exact_match": Metric("qa_accuracy", True),
    "quasi_exact_match": Metric("qa_accuracy", True),
    "precision_over_words": Metric("qa_accuracy", True),
    "recall_over_words": Metric("qa_accuracy", True),
    "factual_knowledge": Metric("factual_knowledge", True),
    "factual_knowledge_quasi": Metric("factual_knowledge", True),
    "meteor": Metric("summarization_accuracy", True),
    "rouge": Metric("summarization_accuracy", True),
    "bertscore": Metric("summarization_accuracy", True),
    "classification_accuracy": Metric("classification_accuracy", True),
    "delta_f1": Metric(_QA_ROBUST, False, "robustness"),
    "delta_exact_match": Metric(_QA_ROBUST, False, "robustness"),
    "delta_quasi_exact_match": Metric(_QA_ROBUST, False, "robustness"),
    "delta_precision_over_words": Metric(_QA_ROBUST, False, "robustness"),
    "delta_recall_over_words": Metric(_QA_ROBUST, False, "robustness"),
    "delta_meteor": Metric(_SUMMARY_ROBUST, False, "robustness"),
    "delta_rouge": Metric(_SUMMARY_ROBUST, False, "robustness"),
    "delta_bertscore": Metric(_SUMMARY_ROBUST, False, "robustness"),
    "delta_classification_accuracy": Metric("classification_accuracy_semantic_robustness", False, "robustness"),
    "bertscore_dissimilarity": Metric("general_semantic_robustness", False, "robustness"),
    "toxicity": Metric("toxicity", False, "toxicity"),
    "severe_toxicity": Metric("toxicity", False, "toxicity"),
    "obscene": Metric("toxicity", False, "toxicity"),
    "identity_attack": Metric("toxicity", False, "toxicity"),
    "insult": Metric("toxicity", False, "toxicity"),
    "threat": Metric("toxicity", False, "toxicity"),
    "sexual_explicit": Metric("toxicity", False, "toxicity"),
    # The best value is one half; a limit guards against prejudice, and no weight should reward the contrary.
    "prompt_stereotyping": Metric("prompt_stereotyping", False, "toxicity"),
    WIN_RATE: Metric(None, True, judge="pairwise"),
    "judge_rubric": Metric(None, True, judge="rubric"),
    HUMAN: Metric(None, True),
    LATENCY: Metric(None, False, "latency"),
    COST: Metric(None, False, "cost"),
}

BY_BERTSCORE = frozenset({"bertscore", "delta_bertscore", "bertscore_dissimilarity"})
"""What needs BERTScore's model; where no rule names one of them, BERTScore is off."""

# FMEval has one name for each task's.
_BY_TASK: dict[Task, dict[Algorithm, Algorithm]] = {
    "question_answering": {
        "summarization_accuracy": "qa_accuracy",
        _SUMMARY_ROBUST: _QA_ROBUST,
        "toxicity": "qa_toxicity",
    },
    "summarization": {"toxicity": "summarization_toxicity"},
    "classification": {},
    "open_ended": {},
}
_SUMMARY_ONLY = frozenset({"meteor", "rouge", "delta_meteor", "delta_rouge"})


def algorithm_of(metric: str, task: Task) -> Algorithm | None:
    """What gives a metric to the answers of a task."""
    algorithm = METRICS[metric].algorithm
    if algorithm is None or metric in _SUMMARY_ONLY:
        return algorithm
    return _BY_TASK[task].get(algorithm, algorithm)


def algorithms(metrics: Iterable[str], task: Task) -> list[Algorithm]:
    """The algorithms that give these metrics, each once, in the order of first use."""
    found = (algorithm_of(name, task) for name in metrics)
    return list(dict.fromkeys(algorithm for algorithm in found if algorithm))
