"""Finds the model behind FMEval's toxicity among what the image carries. Imports nothing heavy."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from containers.evaluate.failures import EvaluationFailed


class Kind(StrEnum):
    """Detoxify in the container image, the offline helper where only that could be had."""

    DETOXIFY = "detoxify"
    OFFLINE = "offline"


class ToxicityModel(NamedTuple):
    """A model and the folder that holds it."""

    kind: Kind
    folder: Path


def find(assets: Path) -> ToxicityModel:
    """Detoxify before the offline helper. EvaluationFailed where there is neither."""
    torch_home = assets / "torch"
    if any((torch_home / "hub" / "checkpoints").glob("toxic_debiased-*.ckpt")):
        return ToxicityModel(Kind.DETOXIFY, torch_home)
    if (assets / "toxicity" / "weights.safetensors").is_file():
        return ToxicityModel(Kind.OFFLINE, assets / "toxicity")
    raise EvaluationFailed(f"Toxicity was asked for, and {assets} holds no model for it.")
