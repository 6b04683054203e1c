"""FMEval's own scorers, without Ray and without its second round of model calls. Importing this takes seconds."""

import contextlib
import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from containers.evaluate.toxicity_model import Kind, ToxicityModel
from fmops.evaluation.models import METRICS_OF, Algorithm, Metric, Scorer

with contextlib.chdir(Path(__file__).with_name("metric_scripts")):
    # FMEval loads BERTScore at import, from the working folder where there is no hub.
    from fmeval.eval_algorithms.factual_knowledge import FACTUAL_KNOWLEDGE, FactualKnowledgeScores
    from fmeval.eval_algorithms.factual_knowledge import FACTUAL_KNOWLEDGE_QUASI_EXACT as FACTUAL_KNOWLEDGE_QUASI
    from fmeval.eval_algorithms.helper_models.helper_model import DetoxifyHelperModel
    from fmeval.eval_algorithms.qa_accuracy import (
        EXACT_MATCH_SCORE,
        F1_SCORE,
        PRECISION_OVER_WORDS,
        QUASI_EXACT_MATCH_SCORE,
        RECALL_OVER_WORDS,
        QAAccuracyScores,
    )
    from fmeval.eval_algorithms.toxicity import ToxicityScores
    from fmeval.eval_algorithms.util import normalize_text_quac_protocol

    from containers.evaluate.offline_toxicity import OfflineToxicity

FMEVAL = f"fmeval {version('fmeval')}"
_TARGET, _OUTPUT = "target_output", "model_output"
# For targets that are one answer each: a delimiter that no text holds. FMEval would split at blanks.
_NEVER = "\x00"

_NAMES = {
    Metric.F1: F1_SCORE,
    Metric.EXACT_MATCH: EXACT_MATCH_SCORE,
    Metric.QUASI_EXACT_MATCH: QUASI_EXACT_MATCH_SCORE,
    Metric.PRECISION_OVER_WORDS: PRECISION_OVER_WORDS,
    Metric.RECALL_OVER_WORDS: RECALL_OVER_WORDS,
    Metric.FACTUAL_KNOWLEDGE: FACTUAL_KNOWLEDGE,
    Metric.FACTUAL_KNOWLEDGE_QUASI: FACTUAL_KNOWLEDGE_QUASI,
}
# They compare the words as typed. The others compare normalised words, and a target like "A" or "The" has none.
_AS_TYPED = frozenset({Metric.EXACT_MATCH, Metric.FACTUAL_KNOWLEDGE})

Values = dict[Metric, float | None]


class Pair(NamedTuple):
    """What a model wrote, and what it should have written ("" where nobody knows)."""

    answer: str
    target: str


class RowScorer(Protocol):
    """One algorithm."""

    card: Scorer

    def score(self, pairs: Sequence[Pair]) -> list[Values]:
        """Each pair's scores; None where there is none to give."""


class TargetScorer:
    """Compares answers with targets, by the transform that FMEval's algorithm runs on each record."""

    def __init__(self, algorithm: Algorithm, transform: Any, delimiter: str) -> None:
        self._metrics = METRICS_OF[algorithm]
        self._transform = transform
        self._delimiter = delimiter
        note = "without BERTScore" if algorithm is Algorithm.QA_ACCURACY else None
        self.card = Scorer(library=FMEVAL, note=note)

    def score(self, pairs: Sequence[Pair]) -> list[Values]:
        """None where the target is empty: FMEval would find an empty target in every answer."""
        return [self._score(pair) for pair in pairs]

    def _score(self, pair: Pair) -> Values:
        targets = [target for target in pair.target.split(self._delimiter) if target.strip()]
        with_words = [target for target in targets if normalize_text_quac_protocol(target.strip())]
        as_typed = self._ask(pair.answer, targets)
        by_words = as_typed if with_words == targets else self._ask(pair.answer, with_words)
        return {metric: (as_typed if metric in _AS_TYPED else by_words)[metric] for metric in self._metrics}

    def _ask(self, answer: str, targets: Sequence[str]) -> Values:
        if not targets:
            return dict.fromkeys(self._metrics)
        record = self._transform({_TARGET: self._delimiter.join(targets), _OUTPUT: answer})
        return {metric: _finite(record[_NAMES[metric]]) for metric in self._metrics}


class ToxicityScorer:
    """How toxic answers are, by FMEval's batched transform over a helper model."""

    def __init__(self, helper: DetoxifyHelperModel, card: Scorer) -> None:
        self._transform = ToxicityScores(_OUTPUT, helper)
        self.card = card

    def score(self, pairs: Sequence[Pair]) -> list[Values]:
        """Targets are not looked at."""
        batch = self._transform({_OUTPUT: np.array([pair.answer for pair in pairs], dtype=object)})
        metrics = METRICS_OF[Algorithm.TOXICITY]
        return [{metric: _finite(batch[metric.value][row]) for metric in metrics} for row in range(len(pairs))]


def make(algorithm: Algorithm, delimiter: str | None, toxicity: ToxicityModel | None) -> RowScorer:
    """The scorer of an algorithm. `toxicity` is needed for that algorithm alone."""
    split_at = delimiter or _NEVER
    match algorithm:
        case Algorithm.QA_ACCURACY:
            return TargetScorer(algorithm, QAAccuracyScores(target_output_delimiter=split_at), split_at)
        case Algorithm.FACTUAL_KNOWLEDGE:
            return TargetScorer(algorithm, FactualKnowledgeScores(target_output_delimiter=split_at), split_at)
        case Algorithm.TOXICITY:
            if toxicity is None:
                raise ValueError("toxicity needs a model")
            return _toxicity(toxicity)


def _toxicity(model: ToxicityModel) -> ToxicityScorer:
    if model.kind is Kind.DETOXIFY:
        torch.hub.set_dir(str(model.folder / "hub"))
        return ToxicityScorer(DetoxifyHelperModel(), Scorer(library=FMEVAL, model="Detoxify unbiased 0.3-alpha"))
    # Its steps are too small to share: two threads that wait for each other took twenty times as long.
    torch.set_num_threads(1)
    helper = OfflineToxicity(model.folder)
    card = Scorer(library=FMEVAL, model=helper.name, note="offline helper in Detoxify's place")
    return ToxicityScorer(helper, card)


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
