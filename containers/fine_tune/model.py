"""Loads the model of the `model` channel and gives it adapters."""

import inspect
from pathlib import Path
from typing import Any, NamedTuple

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.pytorch_utils import Conv1D

from containers.fine_tune.batches import Batch
from containers.fine_tune.failures import TrainingFailed

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.msgpack", "*.h5")


class Loaded(NamedTuple):
    """A model in the precision that it trains in, and the one that it was stored in."""

    model: Any
    tokenizer: Any
    stored: torch.dtype


def load(folder: Path, device: torch.device) -> Loaded:
    """The model of `folder`. TrainingFailed where there is none, or none that is safe to read."""
    _check(folder)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    stored = getattr(config, "dtype", None) or torch.float32
    # Half precision is many times slower on a CPU.
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, use_safetensors=True, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if tokenizer.eos_token_id is None:
        raise TrainingFailed("The model's tokenizer has no end-of-text token, so no answer could be taught to end.")
    return Loaded(model.to(device), tokenizer, stored)


def with_adapters(model: Any, rank: int, layers: int | None) -> Any:
    """The model, frozen, with LoRA adapters on the linear parts of its last `layers` layers (None: all)."""
    count = model.config.get_text_config().num_hidden_layers
    first = 0 if layers is None else max(0, count - layers)
    chosen = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and _layer(name) >= first
    ]
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=chosen, task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    if next(model.parameters()).device.type == "cuda":
        # Activations of large models fill a GPU; computing them again costs a third more time.
        adapted.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return adapted


def loss_of(model: Any, batch: Batch, device: torch.device) -> torch.Tensor:
    """Mean cross-entropy over the completions' tokens."""
    labels = batch.labels.to(device)
    kept = labels.shape[1]
    accepted = inspect.signature(model.get_base_model().forward).parameters
    extra: dict[str, Any] = {}
    if "position_ids" in accepted:
        extra["position_ids"] = batch.positions.to(device)
    if "logits_to_keep" in accepted:
        # The vocabulary is large: what prompts predict is never computed.
        extra["logits_to_keep"] = kept
    output = model(input_ids=batch.tokens.to(device), attention_mask=batch.mask.to(device), use_cache=False, **extra)
    logits = output.logits[:, -kept:].float()
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


def _layer(name: str) -> int:
    """The layer that a module belongs to; -1 where it belongs to none, as the output head."""
    return next((int(part) for part in name.split(".") if part.isdecimal()), -1)


def _check(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise TrainingFailed("The model channel holds no model: it needs a Hugging Face folder with a config.json.")
    if not any(folder.glob("*.safetensors")):
        pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
        found = f"only {pickles[0]}, which may run code when it is read" if pickles else "no weights at all"
        raise TrainingFailed(f"The model channel holds {found}; weights must be safetensors.")
