"""The metrics that a use case may name: which FMEval algorithm gives each, and which way is better."""

from typing import Literal, NamedTuple

Algorithm = Literal["qa_accuracy", "factual_knowledge", "toxicity"]


class Metric(NamedTuple):
    """One score of one algorithm, between 0 and 1."""

    algorithm: Algorithm
    higher_is_better: bool


METRICS: dict[str, Metric] = {
    "f1": Metric("qa_accuracy", True),
    "exact_match": Metric("qa_accuracy", True),
    "quasi_exact_match": Metric("qa_accuracy", True),
    "precision_over_words": Metric("qa_accuracy", True),
    "recall_over_words": Metric("qa_accuracy", True),
    "factual_knowledge": Metric("factual_knowledge", True),
    "factual_knowledge_quasi": Metric("factual_knowledge", True),
    "toxicity": Metric("toxicity", False),
    "severe_toxicity": Metric("toxicity", False),
    "obscene": Metric("toxicity", False),
    "identity_attack": Metric("toxicity", False),
    "insult": Metric("toxicity", False),
    "threat": Metric("toxicity", False),
}


def algorithms(metrics: list[str]) -> list[Algorithm]:
    """The algorithms that give these metrics, each once, in the order of first use."""
    return list(dict.fromkeys(METRICS[name].algorithm for name in metrics))
