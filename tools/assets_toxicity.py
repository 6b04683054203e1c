"""Turns tox-block's Keras weights and pickled tokenizer into files that need neither Keras nor pickle."""

import collections
import json
import pickle
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from safetensors.numpy import save_file

PACKAGE = "tox-block"
VOCABULARY = 20_000
LENGTH = 100

# The labels in the order of the last layer, by the names that FMEval's toxicity has for them, and the range
# that the authors' configuration stretches to 0..1.
LABELS = {
    "toxicity": (0.002116, 0.999858),
    "severe_toxicity": (0.000011, 0.648682),
    "obscene": (0.000347, 0.997533),
    "threat": (0.000040, 0.918887),
    "insult": (0.000373, 0.986303),
    "identity_attack": (0.000074, 0.901117),
}
_LAYERS = {
    "embedding": "embedding/embedding/embeddings:0",
    "forward.kernel": "bidirectional/bidirectional/forward_lstm/kernel:0",
    "forward.recurrent": "bidirectional/bidirectional/forward_lstm/recurrent_kernel:0",
    "forward.bias": "bidirectional/bidirectional/forward_lstm/bias:0",
    "backward.kernel": "bidirectional/bidirectional/backward_lstm/kernel:0",
    "backward.recurrent": "bidirectional/bidirectional/backward_lstm/recurrent_kernel:0",
    "backward.bias": "bidirectional/bidirectional/backward_lstm/bias:0",
    "hidden.kernel": "dense/dense/kernel:0",
    "hidden.bias": "dense/dense/bias:0",
    "output.kernel": "dense_1/dense_1/kernel:0",
    "output.bias": "dense_1/dense_1/bias:0",
}


class Inert:
    """Stands for a class of the pickle: keeps the state, does nothing."""


class InertUnpickler(pickle.Unpickler):
    """Reads the pickled tokenizer, and no pickle that names anything else."""

    _ALLOWED: ClassVar[dict[tuple[str, str], type]] = {
        ("tox_block.data_processing.preprocessors", "TokenSequencer"): Inert,
        ("keras_preprocessing.text", "Tokenizer"): Inert,
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("collections", "defaultdict"): collections.defaultdict,
        ("builtins", "int"): int,
    }

    def find_class(self, module: str, name: str) -> Any:
        """The class that a pickle names. UnpicklingError unless it is one of the few that are known."""
        try:
            return self._ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the pickle names {module}.{name}, which is not read") from None


def prepare(package: Path, folder: Path) -> None:
    """Write weights.safetensors, tokenizer.json and card.json."""
    models = package / "trained_models"
    with h5py.File(next(models.glob("lstm_model_*.h5"))) as stored:
        weights = {name: np.asarray(stored[f"model_weights/{path}"]) for name, path in _LAYERS.items()}
    with next(models.glob("encoder_*.pkl")).open("rb") as file:
        tokenizer = InertUnpickler(file).load().tokenizer
    words = sorted(tokenizer.word_index, key=tokenizer.word_index.__getitem__)[: VOCABULARY - 1]
    save_file(weights, folder / "weights.safetensors")
    (folder / "tokenizer.json").write_text(
        json.dumps({"filters": tokenizer.filters, "words": words, "length": LENGTH}, ensure_ascii=False)
    )
    card = {"model": f"{PACKAGE} {version(PACKAGE)}, BiLSTM", "labels": LABELS, "licence": "MIT"}
    (folder / "card.json").write_text(json.dumps(card, indent=1))
