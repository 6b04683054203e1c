"""Summarization accuracy: METEOR, ROUGE and BERTScore of a summary."""

from typing import Any, NamedTuple, Self

import nltk
from fmeval.transforms.summarization_accuracy_metrics import METEOR_SCORE, ROUGE_SCORE, MeteorScore, RougeScore

from containers.evaluate import nltk_data
from containers.evaluate.scorers import FMEVAL, at_scripts
from containers.evaluate.scorers.base import (
    OUTPUT,
    TARGET,
    Means,
    Measure,
    MeasuredScorer,
    Values,
    finite,
    nothing,
    sentences,
)
from containers.evaluate.scorers.bertscore import BertScore
from fmops.evaluation.algorithms import Algorithm, Metric
from fmops.evaluation.models import Scorer


class Transforms(NamedTuple):
    """FMEval's three, METEOR's with its words where they are at hand."""

    meteor: Any
    missing: str | None
    """Why there is no METEOR."""
    rouge: Any
    bertscore: BertScore

    @classmethod
    def of(cls, means: Means) -> Self:
        keys: dict[str, Any] = {
            "target_output_keys": [TARGET],
            "model_output_keys": [OUTPUT],
            "allow_duplicate_input_keys": True,
        }
        missing = nltk_data.missing(means.assets)
        meteor = None
        if missing is None:
            nltk.data.path[:] = [str(means.assets / nltk_data.FOLDER)]
            # Not to download what is there.
            meteor = MeteorScore(output_keys=[METEOR_SCORE], load_modules=False, **keys)
        with at_scripts():
            rouge = RougeScore(output_keys=[ROUGE_SCORE], rouge_type=means.scoring.rouge, **keys)
        return cls(meteor, missing, rouge, BertScore.of(means))

    def measure(self, answer: str, target: str) -> Values:
        if not target.strip():
            return nothing(Algorithm.SUMMARIZATION_ACCURACY)
        record = {TARGET: target, OUTPUT: answer}
        meteor = self.meteor(dict(record))[METEOR_SCORE] if self.meteor else None
        return {
            Metric.METEOR: None if meteor is None else finite(meteor),
            Metric.ROUGE: finite(self.rouge(record)[ROUGE_SCORE]),
            Metric.BERTSCORE: self.bertscore.score([target], answer),
        }


def make(means: Means) -> MeasuredScorer:
    measure, card = measure_of(means)
    return MeasuredScorer(measure, card)


def measure_of(means: Means) -> tuple[Measure, Scorer]:
    transforms = Transforms.of(means)
    reasons = {Metric.METEOR: transforms.missing, Metric.BERTSCORE: transforms.bertscore.reason}
    card = Scorer(
        library=FMEVAL,
        model=transforms.bertscore.name,
        note=means.scoring.rouge,
        not_available=sentences(reasons),
    )
    return transforms.measure, card
