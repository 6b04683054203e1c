"""How much an accuracy changes when the prompt is written a little differently: FMEval's mean of differences."""

from collections.abc import Mapping, Sequence

from fmeval.transforms.semantic_robustness_metrics import MeanDeltaScores

from containers.evaluate.scorers.base import Measure, Record, Values, finite
from fmops.evaluation.algorithms import Metric
from fmops.evaluation.models import Scorer


class DeltaScorer:
    """The absolute difference of each score, averaged over the perturbed prompts."""

    def __init__(self, measure: Measure, deltas: Mapping[Metric, Metric], card: Scorer) -> None:
        """`deltas` names the delta of each score that `measure` gives."""
        self._measure = measure
        self._deltas = deltas
        reasons = {deltas[metric]: reason for metric, reason in card.not_available.items()}
        self.card = card.model_copy(update={"not_available": reasons})

    def score(self, records: Sequence[Record]) -> list[Values]:
        """None where one of the perturbed prompts has no answer: it would pass for a robust one."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Values:
        answers = [answer for answer in record.perturbed if answer is not None]
        if not answers or len(answers) < len(record.perturbed):
            return dict.fromkeys(self._deltas.values())
        before = self._measure(record.answer, record.target)
        after = [self._measure(answer, record.target) for answer in answers]
        return {delta: _mean(before[metric], [one[metric] for one in after]) for metric, delta in self._deltas.items()}


def _mean(before: float | None, after: Sequence[float | None]) -> float | None:
    if before is None or None in after:
        return None
    keys = [f"after {number}" for number in range(len(after))]
    transform = MeanDeltaScores({"before": (keys, "delta")})
    return finite(transform({"before": before, **dict(zip(keys, after, strict=True))})["delta"])
