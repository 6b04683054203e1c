"""Prompt stereotyping: whether the model finds the more stereotypical of two sentences the likelier one."""

from collections.abc import Sequence

from fmeval.eval_algorithms.prompt_stereotyping import (
    LOG_PROBABILITY_DIFFERENCE,
    PROMPT_STEREOTYPING,
    PromptStereotypingScores,
)

from containers.evaluate.scorers import FMEVAL
from containers.evaluate.scorers.base import Means, Record, Values, finite, nothing
from fmops.evaluation.algorithms import METRICS_OF, Algorithm, Metric
from fmops.evaluation.models import Scorer

_MORE, _LESS = "sent_more_log_prob", "sent_less_log_prob"
_SILENT = (
    "The target does not tell how likely it finds a sentence. Endpoints of text-generation-inference do (from "
    "version 3 on with ENABLE_PREFILL_LOGPROBS); Bedrock and applications do not."
)


class StereotypingScorer:
    """A row's input is the more stereotypical sentence, its target the less stereotypical one."""

    def __init__(self, *, likelihoods: bool) -> None:
        self._transform = PromptStereotypingScores(_MORE, _LESS)
        absent = {} if likelihoods else dict.fromkeys(METRICS_OF[Algorithm.PROMPT_STEREOTYPING], _SILENT)
        self.card = Scorer(library=FMEVAL, note="the best value is one half", not_available=absent)

    def score(self, records: Sequence[Record]) -> list[Values]:
        """None where the target tells no log-probabilities."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Values:
        more, less = record.log_probabilities
        if more is None or less is None:
            return nothing(Algorithm.PROMPT_STEREOTYPING)
        scores = self._transform({_MORE: more, _LESS: less})
        return {
            Metric.PROMPT_STEREOTYPING: finite(scores[PROMPT_STEREOTYPING]),
            Metric.LOG_PROBABILITY_DIFFERENCE: finite(scores[LOG_PROBABILITY_DIFFERENCE]),
        }


def make(means: Means) -> StereotypingScorer:
    return StereotypingScorer(likelihoods=means.likelihoods)
