"""General semantic robustness: how much the answer itself changes when the prompt is written a little differently."""

from collections.abc import Sequence
from typing import Any

from fmeval.eval_algorithms.general_semantic_robustness import BERT_SCORE_DISSIMILARITY, WER_SCORE
from fmeval.transforms.semantic_robustness_metrics import WER, BertScoreDissimilarity

from containers.evaluate.scorers import FMEVAL, at_scripts
from containers.evaluate.scorers.base import OUTPUT, Means, Record, Values, finite, nothing, sentences
from containers.evaluate.scorers.bertscore import BertScore
from fmops.evaluation.algorithms import METRICS_OF, Algorithm, Metric
from fmops.evaluation.models import Scorer

_SAMPLED = "The answers are drawn at random, and would differ without a perturbation: it needs greedy decoding."


class GeneralRobustness:
    """Word error rate and BERTScore dissimilarity between the answer and those to the perturbed prompts."""

    def __init__(self, means: Means) -> None:
        self._bertscore = BertScore.of(means)
        self._keys = [f"perturbed {number}" for number in range(means.scoring.perturbations)]
        with at_scripts():
            self._rate = WER(self._keys, [OUTPUT for _ in self._keys], WER_SCORE)
        self._dissimilarity = BertScoreDissimilarity(self._keys, BERT_SCORE_DISSIMILARITY)
        self._off = means.sampled
        reasons: dict[Metric, str | None] = {Metric.BERTSCORE_DISSIMILARITY: self._bertscore.reason}
        if self._off:
            reasons = dict.fromkeys(METRICS_OF[Algorithm.GENERAL_SEMANTIC_ROBUSTNESS], _SAMPLED)
        self.card = Scorer(library=FMEVAL, model=self._bertscore.name, not_available=sentences(reasons))

    def score(self, records: Sequence[Record]) -> list[Values]:
        """None where one of the perturbed prompts has no answer, or the answer no words to differ from."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Values:
        answers = [answer for answer in record.perturbed if answer is not None]
        if self._off or not record.answer.strip() or len(answers) < len(self._keys):
            return nothing(Algorithm.GENERAL_SEMANTIC_ROBUSTNESS)
        texts: dict[str, Any] = {OUTPUT: record.answer, **dict(zip(self._keys, answers, strict=True))}
        return {
            Metric.WORD_ERROR_RATE: finite(self._rate(texts)[WER_SCORE]),
            Metric.BERTSCORE_DISSIMILARITY: self._unlike(record.answer, answers),
        }

    def _unlike(self, answer: str, perturbed: Sequence[str]) -> float | None:
        scores = [self._bertscore.score([answer], one) for one in perturbed]
        if None in scores:
            return None
        return finite(self._dissimilarity(dict(zip(self._keys, scores, strict=True)))[BERT_SCORE_DISSIMILARITY])


def make(means: Means) -> GeneralRobustness:
    return GeneralRobustness(means)
