"""The whole job: rows and model in, trained model out."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from containers.fine_tune import artifact, model
from containers.fine_tune.batches import encode
from containers.fine_tune.hyperparameters import Hyperparameters
from containers.fine_tune.rows import read_rows
from containers.fine_tune.training import Keeping, train
from fmops.core.ids import digest
from fmops.core.version import folder_digest


class Places(NamedTuple):
    """The folders of the job."""

    training: Path
    model: Path
    checkpoints: Path
    out: Path


def run(places: Places, settings: Hyperparameters, stop_asked: Callable[[], bool] = lambda: False) -> None:
    """Train, or go on training, and write the model. The same input gives the same weights on the same machine."""
    rows = read_rows(places.training)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(f"rows={len(rows)} device={device.type} loading the model", flush=True)
    loaded = model.load(places.model, device)
    torch.manual_seed(settings.seed)
    examples = [encode(row, loaded.tokenizer, settings.max_length) for row in rows]
    adapted = model.with_adapters(loaded.model, settings.lora_r, settings.lora_layers)
    fingerprint = digest(
        {
            # How often it is kept changes nothing of a training.
            "settings": settings.model_dump(exclude={"checkpoint_seconds"}),
            "rows": digest([row.model_dump() for row in rows]),
            "model": [[file.name, file.stat().st_size] for file in sorted(places.model.glob("*.safetensors"))],
            "config": artifact.sha256(places.model / "config.json"),
        }
    )
    end = loaded.tokenizer.eos_token_id
    train(adapted, examples, end, settings, Keeping(places.checkpoints, fingerprint, stop_asked))
    print("writing the model", flush=True)
    card = {
        "container": folder_digest(Path(__file__).parent),
        "rows": len(rows),
        "settings": settings.model_dump(mode="json"),
        "fingerprint": fingerprint,
    }
    artifact.write(adapted, loaded.tokenizer, loaded.stored, card, places.out)
