"""Trains a tiny model in several ways and prints what came out. Runs in the jobs' environment."""

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from containers.fine_tune import checkpoints
from containers.fine_tune.batches import Example, batches, collate
from containers.fine_tune.failures import Interrupted, sentence
from containers.fine_tune.hyperparameters import Hyperparameters
from containers.fine_tune.run import Places, run

SETTINGS = Hyperparameters(epochs=6, learning_rate=0.02, batch_size=8, lora_layers=1, lora_r=4, max_length=16)
STOP_AFTER = 7


def train(root: Path, name: str, stop_asked: Callable[[], bool] = lambda: False, **changes: Any) -> list[str]:
    """Train into `<name>/out`; what was printed."""
    printed = Lines()
    places = Places(root / "training", root / "model", root / name / "checkpoints", root / name / "out")
    with contextlib.redirect_stdout(printed), contextlib.suppress(Interrupted):
        run(places, SETTINGS.model_copy(update=changes), stop_asked)
    return printed.lines()


class Lines:
    """Keeps what is written."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> int:
        self._text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def lines(self) -> list[str]:
        return self._text.splitlines()


def losses(lines: list[str]) -> list[float]:
    return [float(line.rpartition("=")[2]) for line in lines if line.startswith("step=")]


def failure(root: Path, **changes: Any) -> str:
    places = Places(root / "training", root / "model", root / "checkpoints", root / "out")
    try:
        run(places, SETTINGS.model_copy(update=changes))
    except Exception as error:  # noqa: BLE001 - as main does
        return sentence(error)
    return "no failure"


def weights(folder: Path) -> dict[str, Any]:
    return dict(load_file(folder / "model.safetensors"))


def main(root: Path) -> dict[str, Any]:
    tiny.make_model(root / "model")
    tiny.make_rows(root / "training")
    whole = train(root, "whole")

    asked = iter(range(1000))
    first = train(root, "parts", lambda: next(asked) >= STOP_AFTER)
    left = sorted(file.name for file in (root / "parts" / "checkpoints").iterdir())
    second = train(root, "parts")

    base, one, other = (weights(root / name) for name in ("model", "whole/out", "parts/out"))
    listed = json.loads((root / "whole" / "out" / "files.json").read_text())
    AutoModelForCausalLM.from_pretrained(root / "whole" / "out", local_files_only=True)

    # A checkpoint of other settings, and one that was cut off, are passed over.
    foreign = train(root, "parts", learning_rate=0.01, max_steps=1)
    broken = root / "parts" / "checkpoints" / "step-0000099.safetensors"
    broken.write_bytes(b"cut off")
    newest = checkpoints.newest(root / "parts" / "checkpoints", "no such training")

    pickled = root / "pickled"
    (pickled / "model").mkdir(parents=True)
    (pickled / "model" / "config.json").write_text((root / "model" / "config.json").read_text())
    (pickled / "model" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    tiny.make_rows(pickled / "training")
    empty = root / "empty"
    (empty / "model").mkdir(parents=True)
    tiny.make_rows(empty / "training")

    examples = [Example([5, 6, 7, 1], 2), Example([8, 1], 1)]
    batch = collate(examples, 0)
    supply = batches([Example([number], 0) for number in range(10)], 4, 1, 0)
    skipped = batches([Example([number], 0) for number in range(10)], 4, 1, 4)
    seen = [next(supply) for _ in range(6)]
    return {
        "losses": losses(whole),
        "first": losses(first),
        "second": losses(second),
        "resumed": [line for line in second if line.startswith("resumed")],
        "checkpoints": left,
        "difference": max(float((one[name] - other[name]).abs().max()) for name in one),
        "changed": sorted(name for name in one if not one[name].equal(base[name])),
        "dtype": str(one["model.norm.weight"].dtype),
        "listed": listed,
        "digests": {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in (root / "whole" / "out").iterdir()
            if file.name != "files.json"
        },
        "foreign": [line for line in foreign if line.startswith("resumed")],
        "broken_is_passed_over": newest is None,
        "pickled": failure(pickled),
        "empty": failure(empty),
        "diverged": failure(root, learning_rate=1e30, max_steps=20),
        "batch": [batch.tokens.tolist(), batch.mask.tolist(), batch.positions.tolist(), batch.labels.tolist()],
        "epoch": sorted(example.tokens[0] for example in seen[0] + seen[1] + seen[2]),
        "later_batches_agree": next(skipped) == seen[4],
    }


if __name__ == "__main__":
    results = main(Path(sys.argv[1]))
    print(json.dumps(results))
