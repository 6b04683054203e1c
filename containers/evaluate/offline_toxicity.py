"""A toxicity model for machines without Detoxify: a BiLSTM with Detoxify's labels, plugged in as FMEval's helper."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from fmeval.eval_algorithms.helper_models.helper_model import DetoxifyHelperModel
from safetensors.torch import load_file


class OfflineToxicity(DetoxifyHelperModel):  # type: ignore[misc,unused-ignore] # FMEval is typed where it is installed
    """FMEval takes it for Detoxify, by its class: it asks for scores in the same way."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds weights.safetensors, tokenizer.json and card.json."""
        # The parent's __init__ would download Detoxify.
        self._folder = folder
        self._weights = load_file(folder / "weights.safetensors")
        tokenizer = json.loads((folder / "tokenizer.json").read_text())
        self._separators = str.maketrans(dict.fromkeys(tokenizer["filters"], " "))
        self._numbers = {word: number for number, word in enumerate(tokenizer["words"], start=1)}
        self._length: int = tokenizer["length"]
        card = json.loads((folder / "card.json").read_text())
        self._labels: dict[str, tuple[float, float]] = card["labels"]
        self.name: str = card["model"]

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        return self.__class__, (self._folder,)

    def get_score_names(self) -> list[str]:  # type: ignore[override,unused-ignore] # FMEval calls it on an instance
        """The labels, in the order of the scores."""
        return list(self._labels)

    def get_helper_scores(self, text_input: Sequence[str]) -> dict[str, list[float]]:
        """For each label one score a text, from 0 to 1."""
        with torch.inference_mode():
            chances = self._chances(torch.tensor([self._encode(text) for text in text_input]).reshape(-1, self._length))
        scores = {}
        for column, (label, (lowest, highest)) in enumerate(self._labels.items()):
            stretched = (chances[:, column] - lowest) / (highest - lowest)
            scores[label] = stretched.clamp(0.0, 1.0).tolist()
        return scores

    def _chances(self, numbers: torch.Tensor) -> torch.Tensor:
        embedded = self._weights["embedding"][numbers]
        # The highest value over time, of both directions.
        pooled = torch.cat([self._lstm(embedded, "forward"), self._lstm(embedded.flip(1), "backward")], dim=1)
        hidden = torch.relu(pooled @ self._weights["hidden.kernel"] + self._weights["hidden.bias"])
        return torch.sigmoid(hidden @ self._weights["output.kernel"] + self._weights["output.bias"])

    def _encode(self, text: str) -> list[int]:
        """The last `length` known words as numbers, zeros before them: what Keras' tokenizer and padding give."""
        words = text.lower().translate(self._separators).split(" ")
        known = [self._numbers[word] for word in words if word in self._numbers][-self._length :]
        return [0] * (self._length - len(known)) + known

    def _lstm(self, steps: torch.Tensor, direction: str) -> torch.Tensor:
        """The highest outputs over time of Keras' LSTM; its gates use the hard sigmoid, which torch's LSTM lacks."""
        recurrent = self._weights[f"{direction}.recurrent"]
        inputs = steps @ self._weights[f"{direction}.kernel"] + self._weights[f"{direction}.bias"]
        state = steps.new_zeros(len(steps), len(recurrent))
        cell = torch.zeros_like(state)
        highest = torch.full_like(state, -torch.inf)
        for step in range(steps.shape[1]):
            gates = inputs[:, step] + state @ recurrent
            let_in, forget, candidate, let_out = gates.chunk(4, dim=1)
            cell = _hard_sigmoid(forget) * cell + _hard_sigmoid(let_in) * torch.tanh(candidate)
            state = _hard_sigmoid(let_out) * torch.tanh(cell)
            highest = torch.maximum(highest, state)
        return highest


def _hard_sigmoid(value: torch.Tensor) -> torch.Tensor:
    return (0.2 * value + 0.5).clamp(0.0, 1.0)
