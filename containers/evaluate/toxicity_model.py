"""Finds the model behind FMEval's toxicity among what the image carries. Imports nothing heavy."""

from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

from containers.evaluate.failures import EvaluationFailed

TOXIGEN_FOLDER = "toxigen"


class Kind(StrEnum):
    """Detoxify or ToxiGen in the container image, the offline helper where only that could be had."""

    DETOXIFY = "detoxify"
    TOXIGEN = "toxigen"
    OFFLINE = "offline"


class ToxicityModel(NamedTuple):
    """A model and the folder that holds it."""

    kind: Kind
    folder: Path


def find(assets: Path, wanted: Literal["detoxify", "toxigen"] = "detoxify") -> ToxicityModel:
    """The model; the offline helper stands in for Detoxify only. EvaluationFailed where there is neither."""
    torch_home, toxigen, offline = assets / "torch", assets / TOXIGEN_FOLDER, assets / "toxicity"
    if wanted == "toxigen" and (toxigen / "config.json").is_file():
        return ToxicityModel(Kind.TOXIGEN, toxigen)
    if wanted == "detoxify":
        if any((torch_home / "hub" / "checkpoints").glob("toxic_debiased-*.ckpt")):
            return ToxicityModel(Kind.DETOXIFY, torch_home)
        if (offline / "weights.safetensors").is_file():
            return ToxicityModel(Kind.OFFLINE, offline)
    raise EvaluationFailed(f"Toxicity by {wanted} was asked for, and {assets} holds no model for it.")
