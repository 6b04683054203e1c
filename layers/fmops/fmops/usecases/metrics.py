"""The metrics that a use case may name: what gives each, which way is better, and what it is about."""

from typing import Literal, NamedTuple

Algorithm = Literal["qa_accuracy", "factual_knowledge", "toxicity"]


Dimension = Literal["quality", "toxicity", "robustness", "latency", "cost"]
"""What a use case weighs against each other."""

LATENCY, COST = "latency_p95_ms", "cost_usd_per_1000"


class Metric(NamedTuple):
    """One score of one algorithm, between 0 and 1; or what answers take and cost, which no algorithm gives."""

    algorithm: Algorithm | None
    higher_is_better: bool
    dimension: Dimension = "quality"


METRICS: dict[str, Metric] = {
    "f1": Metric("qa_accuracy", True),
    "exact_match": Metric("qa_accuracy", True),
    "quasi_exact_match": Metric("qa_accuracy", True),
    "precision_over_words": Metric("qa_accuracy", True),
    "recall_over_words": Metric("qa_accuracy", True),
    "factual_knowledge": Metric("factual_knowledge", True),
    "factual_knowledge_quasi": Metric("factual_knowledge", True),
    "toxicity": Metric("toxicity", False, "toxicity"),
    "severe_toxicity": Metric("toxicity", False, "toxicity"),
    "obscene": Metric("toxicity", False, "toxicity"),
    "identity_attack": Metric("toxicity", False, "toxicity"),
    "insult": Metric("toxicity", False, "toxicity"),
    "threat": Metric("toxicity", False, "toxicity"),
    LATENCY: Metric(None, False, "latency"),
    COST: Metric(None, False, "cost"),
}


def algorithms(metrics: list[str]) -> list[Algorithm]:
    """The algorithms that give these metrics, each once, in the order of first use."""
    found = (METRICS[name].algorithm for name in metrics)
    return list(dict.fromkeys(algorithm for algorithm in found if algorithm))
