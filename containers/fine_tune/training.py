"""The training itself: steps, their losses on stdout, and checkpoints."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from containers.fine_tune import checkpoints
from containers.fine_tune.batches import Example, batches, collate, steps_in
from containers.fine_tune.failures import Interrupted, TrainingFailed
from containers.fine_tune.hyperparameters import Hyperparameters
from containers.fine_tune.model import loss_of

_WARM_UP = 0.1
_LONGEST_GRADIENT = 1.0


class Keeping(NamedTuple):
    """Where checkpoints go, whose they are, and whether the job was asked to stop."""

    folder: Path
    fingerprint: str
    stop_asked: Callable[[], bool]


def train(model: Any, examples: Sequence[Example], pad: int, settings: Hyperparameters, keeping: Keeping) -> None:
    """Train the adapters of `model`, from the newest checkpoint on. Raises Interrupted after a last checkpoint."""
    parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
    device = next(iter(parameters.values())).device
    optimizer = torch.optim.AdamW(parameters.values(), lr=settings.learning_rate, weight_decay=0.0)
    total = steps_in(len(examples), settings.batch_size, settings.epochs, settings.max_steps)
    step = 0
    if state := checkpoints.newest(keeping.folder, keeping.fingerprint):
        checkpoints.restore(state, parameters, optimizer)
        step = state.step
        print(f"resumed step={step}/{total}", flush=True)
    model.train()
    written = time.monotonic()
    supply = batches(examples, settings.batch_size, settings.seed, step)
    while step < total:
        if keeping.stop_asked():
            if step:
                _write(step, parameters, optimizer, keeping)
            raise Interrupted(f"stopped after step {step} of {total}")
        optimizer.param_groups[0]["lr"] = settings.learning_rate * pace(step, total)
        loss = loss_of(model, collate(next(supply), pad), device)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingFailed(f"The loss was no number in step {step + 1}: lower the learning_rate.")
        loss.backward()  # type: ignore[no-untyped-call,unused-ignore] # torch is typed in part
        torch.nn.utils.clip_grad_norm_(parameters.values(), _LONGEST_GRADIENT)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        print(f"step={step}/{total} train_loss={value:.4f}", flush=True)
        if time.monotonic() - written > settings.checkpoint_seconds and step < total:
            _write(step, parameters, optimizer, keeping)
            written = time.monotonic()


def pace(step: int, total: int) -> float:
    """The share of the learning rate in a step (0 is the first): up in the first tenth, then down to nearly 0."""
    warm_up = max(1, round(_WARM_UP * total))
    return min((step + 1) / warm_up, (total - step) / max(1, total - warm_up + 1), 1.0)


def _write(
    step: int, parameters: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, keeping: Keeping
) -> None:
    checkpoints.write(keeping.folder, checkpoints.capture(step, parameters, optimizer), keeping.fingerprint)
