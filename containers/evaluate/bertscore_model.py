"""Finds the model behind BERTScore among what the image carries. Imports nothing heavy."""

import json
from pathlib import Path
from typing import NamedTuple

FOLDER, CARD = "bertscore", "card.json"


class BertScoreFound(NamedTuple):
    """A model, the folder that holds it, and the layer whose output is compared."""

    name: str
    folder: Path
    layers: int


def place(assets: Path, name: str) -> Path:
    """Where a model of the hub lies."""
    return assets / FOLDER / name.rsplit("/", 1)[-1]


def find(assets: Path, name: str) -> BertScoreFound | None:
    """The model of this name; else the one that stands in for it on machines without a hub, and says so."""
    for folder in (place(assets, name), assets / FOLDER / "offline"):
        if (folder / CARD).is_file():
            card = json.loads((folder / CARD).read_text())
            return BertScoreFound(card["model"], folder, card["layers"])
    return None
