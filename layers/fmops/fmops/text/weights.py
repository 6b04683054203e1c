"""Reads weights that packages carry: static embeddings, a linear classifier of profanity. None of their code runs."""

import importlib.util
import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 64
"""The first ones of 256: the embeddings are made so that their beginnings can stand alone (Matryoshka)."""
_EMBEDDINGS = "wordllama"
_CLASSIFIER = "profanity_check"


class WeightsMissing(Exception):
    """A package whose weights are needed is not installed."""


class Embeddings(NamedTuple):
    """A vector for each piece of a word."""

    pieces: dict[str, int]
    """Rows by piece; a piece that begins a word begins with `▁`."""
    vectors: NDArray[np.float16]


class Classifier(NamedTuple):
    """A linear classifier over TF-IDF: its folds' average, put into one."""

    words: dict[str, int]
    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    intercept: float
    slope: float
    offset: float
    """The probability is 1 / (1 + exp(slope × margin + offset)) (Platt 1999)."""


@cache
def embeddings() -> Embeddings:
    """wordllama's `l2_supercat` (MIT). WeightsMissing where the package is not there."""
    folder = _folder(_EMBEDDINGS)
    tokenizer = json.loads((folder / "tokenizers" / "l2_supercat_tokenizer_config.json").read_text(encoding="utf-8"))
    pieces: dict[str, int] = tokenizer["model"]["vocab"]
    file = folder / "weights" / "l2_supercat_256.safetensors"
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(length))["embedding.weight"]
    if header["dtype"] != "F16":
        raise WeightsMissing(f"{file} holds {header['dtype']}, not half floats")
    begin = 8 + length + header["data_offsets"][0]
    shape = tuple(header["shape"])
    whole = np.memmap(file, np.float16, "r", begin, shape)
    return Embeddings(pieces, np.ascontiguousarray(whole[:, :DIMENSIONS]))


@cache
def classifier() -> Classifier:
    """alt-profanity-check's (MIT). WeightsMissing where the package is not there."""
    folder = _folder(_CLASSIFIER) / "data"
    vectorizer = _inert(folder / "vectorizer.joblib")
    folds = [
        (one["estimator"].state, one["calibrators"][0].state)
        for one in (fold.state for fold in _inert(folder / "model.joblib")["calibrated_classifiers_"])
    ]
    return Classifier(
        words=vectorizer["vocabulary_"],
        idf=np.array(vectorizer["_tfidf"].state["idf_"], np.float64),
        weights=np.mean([estimator["coef_"][0] for estimator, _ in folds], axis=0),
        intercept=float(np.mean([estimator["intercept_"][0] for estimator, _ in folds])),
        slope=float(np.mean([_scalar(platt["a_"]) for _, platt in folds])),
        offset=float(np.mean([_scalar(platt["b_"]) for _, platt in folds])),
    )


def _folder(package: str) -> Path:
    """Where a package's files lie; it is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing(f"the package {package} is not installed; on Lambda the layer WeightsLayer carries it")
    return Path(next(iter(spec.submodule_search_locations)))


class _Inert:
    """Stands for a class of the pickle: keeps its state, does nothing."""

    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Wrapper(_Inert):
    """Joblib's: the array's bytes follow in the file."""


class _Unpickler(pickle._Unpickler):
    """Reads joblib's files, and runs nothing of what they name."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self._bytes = file

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        if name == "NumpyArrayWrapper":
            return _Wrapper
        return _Inert

    def load_build(self) -> None:
        super().load_build()  # type: ignore[misc]
        stack: list[Any] = self.stack  # type: ignore[attr-defined]
        if isinstance(stack[-1], _Wrapper):
            stack[-1] = self._array(stack[-1].state)

    def _array(self, described: dict[str, Any]) -> NDArray[Any]:
        if described.get("numpy_array_alignment_bytes") is not None:
            self._bytes.read(self._bytes.read(1)[0])
        dtype, shape = described["dtype"], described["shape"]
        content = self._bytes.read(int(np.prod(shape)) * dtype.itemsize)
        return np.frombuffer(content, dtype).reshape(shape, order=described["order"])

    dispatch[pickle.BUILD[0]] = load_build


def _inert(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        state: dict[str, Any] = _Unpickler(opened).load().state
    return state


def _scalar(value: Any) -> float:
    """A numpy scalar of the pickle: its type and its bytes."""
    dtype, content = value.arguments
    return float(np.frombuffer(content, dtype)[0])
