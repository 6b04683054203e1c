"""Keeps what a training needs to go on after an interruption, in files that run no code when they are read."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

_NAME = re.compile(r"step-(\d{7})\.safetensors")
_KEPT = 2


class State(NamedTuple):
    """Everything that changes while a model is trained. Names are `part/parameter`."""

    step: int
    tensors: Mapping[str, torch.Tensor]


def capture(step: int, parameters: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> State:
    """The state after `step` steps."""
    tensors: dict[str, torch.Tensor] = {"rng/cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["rng/cuda"] = torch.cuda.get_rng_state()
    for name, parameter in parameters.items():
        tensors[f"adapter/{name}"] = parameter.detach().cpu()
        for part in ("exp_avg", "exp_avg_sq"):
            tensors[f"{part}/{name}"] = optimizer.state[parameter][part].detach().cpu()
    return State(step, tensors)


def restore(state: State, parameters: Mapping[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
    """Put everything back to where `capture` found it."""
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(state.tensors[f"adapter/{name}"])
            optimizer.state[parameter] = {
                "step": torch.tensor(float(state.step)),
                **{
                    part: state.tensors[f"{part}/{name}"].to(parameter.device, copy=True)
                    for part in ("exp_avg", "exp_avg_sq")
                },
            }
    torch.set_rng_state(state.tensors["rng/cpu"])
    if torch.cuda.is_available() and "rng/cuda" in state.tensors:
        torch.cuda.set_rng_state(state.tensors["rng/cuda"])


def write(folder: Path, state: State, fingerprint: str) -> None:
    """Add a checkpoint and drop the oldest; a file has its name only once it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"step-{state.step:07d}.safetensors"
    unfinished = target.with_suffix(".part")
    metadata = {"step": str(state.step), "fingerprint": fingerprint}
    save_file({name: tensor.contiguous() for name, tensor in state.tensors.items()}, unfinished, metadata)
    unfinished.rename(target)
    for old in _files(folder)[_KEPT:]:
        old.unlink()


def newest(folder: Path, fingerprint: str) -> State | None:
    """The newest checkpoint that is whole and of this very training: same rows, model and settings."""
    for file in _files(folder):
        try:
            with safe_open(file, framework="pt") as stored:
                metadata = stored.metadata() or {}
                if metadata.get("fingerprint") == fingerprint:
                    return State(int(metadata["step"]), {name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118 - no mapping
        except SafetensorError:
            # Cut off while it travelled to or from S3; the one before it will do.
            print(f"checkpoint={file.name} unreadable", flush=True)
    return None


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if _NAME.fullmatch(file.name)), reverse=True)
