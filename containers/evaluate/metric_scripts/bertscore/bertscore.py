"""What `evaluate.load("bertscore")` finds where there is no hub: the same score, without a table on disk for a pair."""

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate


class BERTScore(evaluate.Metric):  # type: ignore[misc,unused-ignore]
    """How near the words of two texts are to each other in a model's space. The model is loaded once."""

    def _info(self) -> evaluate.MetricInfo:
        texts = datasets.Features({name: datasets.Value("string") for name in ("predictions", "references")})
        return evaluate.MetricInfo(description="", citation="", inputs_description="", features=texts)

    def compute(  # type: ignore[override,unused-ignore]
        self, *, predictions: Sequence[str], references: Sequence[str], model_type: str, num_layers: int | None = None
    ) -> dict[str, list[float]]:
        """Of each pair precision, recall and their harmonic mean. `num_layers` is known for models of the hub."""
        scorer = self._scorer(model_type, num_layers)
        scores = scorer.score(list(predictions), list(references))
        return dict(zip(("precision", "recall", "f1"), (values.tolist() for values in scores), strict=True))

    def _scorer(self, model_type: str, num_layers: int | None) -> Any:
        # Where FMEval is imported and BERTScore is off, this need not be.
        from bert_score import BERTScorer

        loaded = getattr(self, "_loaded", None)
        if loaded is None or loaded[0] != (model_type, num_layers):
            loaded = self._loaded = ((model_type, num_layers), BERTScorer(model_type, num_layers=num_layers))
        return loaded[1]
