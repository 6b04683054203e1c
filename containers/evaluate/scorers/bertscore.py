"""BERTScore by FMEval's transform, where it is asked for and its model is at hand."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from fmeval.eval_algorithms.helper_models.helper_model import BertscoreHelperModel
from fmeval.transforms.summarization_accuracy_metrics import BERT_SCORE
from fmeval.transforms.summarization_accuracy_metrics import BertScore as Transform

from containers.evaluate import bertscore_model
from containers.evaluate.scorers import at_scripts
from containers.evaluate.scorers.base import OUTPUT, TARGET, Means, finite


class LocalBertScore(BertscoreHelperModel):  # type: ignore[misc,unused-ignore] # FMEval is typed where it is installed
    """FMEval's helper around a model in a folder; its own takes the hub's names only."""

    def __init__(self, folder: Path, layers: int) -> None:
        with at_scripts():
            super().__init__(str(folder))
        self._folder = folder
        self._layers = layers

    def __reduce__(self) -> tuple[type, tuple[Path, int]]:
        return self.__class__, (self._folder, self._layers)

    def get_helper_scores(self, target_output: str, model_output: str) -> float:
        """The F measure of the pair."""
        scores: dict[str, list[float]] = self._bertscore.compute(
            predictions=[model_output],
            references=[target_output],
            model_type=self._model_type,
            num_layers=self._layers,
        )
        return scores["f1"][0]


class BertScore(NamedTuple):
    """The transform with its model's name, or the reason why there is none."""

    transform: Any = None
    name: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, means: Means) -> Self:
        if means.scoring.bertscore is None:
            return cls(reason="BERTScore is switched off.")
        found = bertscore_model.find(means.assets, means.scoring.bertscore)
        if found is None:
            return cls(reason=f"BERTScore needs {means.scoring.bertscore}, which {means.assets} does not hold.")
        transform = Transform(
            target_output_keys=None,
            model_output_keys=[OUTPUT],
            output_keys=[BERT_SCORE],
            allow_duplicate_input_keys=True,
            target_output_keys_provider=TARGET,
            bertscore_model=_helper(found.folder, found.layers),
        )
        return cls(transform, found.name)

    def score(self, targets: Sequence[str], answer: str) -> float | None:
        """By the target that is nearest. None where there is none."""
        if self.transform is None or not targets:
            return None
        return finite(self.transform({TARGET: list(targets), OUTPUT: answer})[BERT_SCORE])


@functools.cache
def _helper(folder: Path, layers: int) -> LocalBertScore:
    """Loaded once for all algorithms that use it."""
    return LocalBertScore(folder, layers)
