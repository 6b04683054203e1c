"""The same scores by FMEval's own `evaluate_sample`, the way its users get them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import balanced_accuracy_score, precision_score, recall_score

from containers.evaluate import bertscore_model
from containers.evaluate.offline_toxicity import OfflineToxicity
from containers.evaluate.perturbing import Perturbing, seed_of
from containers.evaluate.scorers import at_scripts
from containers.evaluate.scorers.base import Record
from containers.evaluate.scorers.bertscore import LocalBertScore
from fmops.evaluation.algorithms import Scoring

with at_scripts():
    # FMEval loads BERTScore at import, from the working folder.
    from fmeval.eval_algorithms.classification_accuracy import ClassificationAccuracy, ClassificationAccuracyConfig
    from fmeval.eval_algorithms.classification_accuracy_semantic_robustness import (
        ClassificationAccuracySemanticRobustness,
        ClassificationAccuracySemanticRobustnessConfig,
    )
    from fmeval.eval_algorithms.factual_knowledge import FactualKnowledge
    from fmeval.eval_algorithms.general_semantic_robustness import GeneralSemanticRobustness
    from fmeval.eval_algorithms.helper_models.helper_model import BertscoreHelperModel
    from fmeval.eval_algorithms.prompt_stereotyping import PromptStereotyping
    from fmeval.eval_algorithms.qa_accuracy import QAAccuracy
    from fmeval.eval_algorithms.qa_accuracy_semantic_robustness import QAAccuracySemanticRobustness
    from fmeval.eval_algorithms.summarization_accuracy import SummarizationAccuracy
    from fmeval.eval_algorithms.summarization_accuracy_semantic_robustness import (
        SummarizationAccuracySemanticRobustness,
    )
    from fmeval.eval_algorithms.toxicity import Toxicity
    from fmeval.model_runners.model_runner import ModelRunner
    from fmeval.transforms.summarization_accuracy_metrics import MeteorScore

# FMEval's names, where they differ from ours.
NAMES = {
    "f1": "f1_score",
    "exact_match": "exact_match_score",
    "quasi_exact_match": "quasi_exact_match_score",
    "factual_knowledge_quasi": "factual_knowledge_quasi_exact",
    "classification_accuracy": "classification_accuracy_score",
    "delta_f1": "delta_f1_score",
    "delta_exact_match": "delta_exact_match_score",
    "delta_quasi_exact_match": "delta_quasi_exact_match_score",
    "delta_classification_accuracy": "delta_classification_accuracy_score",
}
# It would download what is there.
MeteorScore._load_modules = staticmethod(lambda: None)

Scores = list[dict[str, float]]


class NoBertScore(BertscoreHelperModel):  # type: ignore[misc,unused-ignore]
    """FMEval can't leave BERTScore out of a sample; it is not compared."""

    def __init__(self) -> None:
        """Load nothing."""

    def get_helper_scores(self, *_texts: str) -> float:
        return 0.0


class PluggedToxicity(Toxicity):  # type: ignore[misc,unused-ignore]
    """FMEval's algorithm around a helper of ours."""

    def __init__(self, helper: Any) -> None:
        self._helper_model = helper


class Sensitive(ModelRunner):  # type: ignore[misc,unused-ignore]
    """A model whose answer depends on every character of the prompt."""

    def __init__(self) -> None:
        """It needs no template."""

    def predict(self, prompt: str) -> tuple[str, None]:
        words = prompt.split()
        at = sum(prompt.encode()) % max(1, len(words))
        return f"{' '.join(words[at : at + 5])} {('true', 'false')[at % 2]}", None


@cache
def bertscore(assets: Path) -> LocalBertScore:
    found = bertscore_model.find(assets, "roberta-large-mnli")
    assert found is not None
    return LocalBertScore(found.folder, found.layers)


def named(scores: Any) -> dict[str, float]:
    return {score.name: score.value for score in scores}


def qa_accuracy(rows: Sequence[Record], assets: Path | None) -> Scores:
    algorithm = QAAccuracy()
    algorithm.bert_scores.bertscore_model = bertscore(assets) if assets else NoBertScore()
    found = [named(algorithm.evaluate_sample(row.target, row.answer)) for row in rows]
    return found if assets else [{name: score for name, score in one.items() if name != "bertscore"} for one in found]


def factual_knowledge(rows: Sequence[Record]) -> Scores:
    algorithm = FactualKnowledge()
    return [named(algorithm.evaluate_sample(row.target, row.answer)) for row in rows]


def summarization_accuracy(rows: Sequence[Record], assets: Path) -> Scores:
    algorithm = SummarizationAccuracy()
    algorithm.bert_score.bertscore_model = bertscore(assets)
    return [named(algorithm.evaluate_sample(row.target, row.answer)) for row in rows]


def classification_accuracy(rows: Sequence[Record], labels: Sequence[str]) -> Scores:
    algorithm = ClassificationAccuracy(ClassificationAccuracyConfig(valid_labels=list(labels)))
    return [named(algorithm.evaluate_sample(row.target, row.answer)) for row in rows]


def classified(rows: Sequence[Record], labels: Sequence[str]) -> dict[str, float]:
    """Of all rows together; FMEval's `evaluate` alone gives these, by scikit-learn."""
    convert = ClassificationAccuracyConfig().converter_fn
    right = [row.target for row in rows]
    found = [convert(row.answer, list(labels)) for row in rows]
    return {
        "balanced_accuracy": float(balanced_accuracy_score(right, found)),
        "precision": float(precision_score(right, found, average="micro")),
        "recall": float(recall_score(right, found, average="micro")),
    }


def asked(text: str, target: str, scoring: Scoring) -> Record:
    """Our record of a row: the model's answer, and those to the perturbed prompts."""
    model = Sensitive()
    perturbed = tuple(model.predict(one)[0] for one in Perturbing(scoring).perturbed(text))
    return Record(model.predict(text)[0], target, perturbed)


def _seeded(algorithm: Any, text: str, scoring: Scoring) -> Any:
    algorithm.perturbation_transform.rng = np.random.default_rng(seed_of(text, scoring.seed))
    return algorithm


def qa_robustness(rows: Sequence[tuple[str, str]], scoring: Scoring, assets: Path, _labels: Sequence[str]) -> Scores:
    algorithm = QAAccuracySemanticRobustness()
    algorithm.bertscore_model = bertscore(assets)
    return [
        named(_seeded(algorithm, text, scoring).evaluate_sample(text, target, Sensitive())) for text, target in rows
    ]


def summarization_robustness(
    rows: Sequence[tuple[str, str]], scoring: Scoring, assets: Path, _labels: Sequence[str]
) -> Scores:
    algorithm = SummarizationAccuracySemanticRobustness()
    algorithm.bertscore_model = bertscore(assets)
    return [
        named(_seeded(algorithm, text, scoring).evaluate_sample(text, target, Sensitive())) for text, target in rows
    ]


def classification_robustness(
    rows: Sequence[tuple[str, str]], scoring: Scoring, _assets: Path, labels: Sequence[str]
) -> Scores:
    config = ClassificationAccuracySemanticRobustnessConfig(valid_labels=list(labels))
    algorithm = ClassificationAccuracySemanticRobustness(config)
    return [
        named(_seeded(algorithm, text, scoring).evaluate_sample(text, target, Sensitive())) for text, target in rows
    ]


def general_robustness(
    rows: Sequence[tuple[str, str]], scoring: Scoring, assets: Path, _labels: Sequence[str]
) -> Scores:
    algorithm = GeneralSemanticRobustness()
    algorithm.bertscore_model = bertscore(assets)
    return [named(_seeded(algorithm, text, scoring).evaluate_sample(text, Sensitive())) for text, _target in rows]


def toxicity(rows: Sequence[Record], assets: Path) -> Scores:
    algorithm = PluggedToxicity(OfflineToxicity(assets / "toxicity"))
    return [named(algorithm.evaluate_sample(row.answer)) for row in rows]


def stereotyping(pairs: Sequence[tuple[float, float]]) -> Scores:
    algorithm = PromptStereotyping()
    return [named(algorithm.evaluate_sample(more, less)) for more, less in pairs]


def perturbed_twice(text: str) -> list[list[str]]:
    """By each of the three, and once more after another text."""
    found = []
    for kind in ("butter_finger", "random_upper_case", "whitespace_add_remove"):
        perturbing = Perturbing(Scoring(perturbation=kind, perturbations=3))
        found.append(perturbing.perturbed(text))
        perturbing.perturbed("Another text.")
        found.append(perturbing.perturbed(text))
    return found
