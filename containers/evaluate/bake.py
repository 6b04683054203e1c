"""Downloads every model and word list that scoring needs while the image is built, so that jobs need no network."""

import json
import os
import sys
import zipfile
from pathlib import Path

import nltk
import torch
from bert_score.utils import model2layers
from huggingface_hub import snapshot_download

from containers.evaluate import bertscore_model, nltk_data, toxicity_model

# Before FMEval is imported, which happens with it.
from containers.evaluate.scorers import at_scripts
from fmops.evaluation.algorithms import Scoring

with at_scripts():
    from fmeval.eval_algorithms.helper_models.helper_model import DetoxifyHelperModel, ToxigenHelperModel

# As FMEval's METEOR downloads them.
WORDS = ("wordnet", "omw-1.4", "punkt_tab")
MODEL_FILES = ("*.json", "*.txt", "*.safetensors", "pytorch_model.bin")


def bake(assets: Path, bertscore_models: list[str]) -> None:
    """Fill the folder. Whatever can't be had raises: an image without it would be a broken one."""
    for name in bertscore_models:
        # A wrong name should be told before gigabytes were fetched.
        Scoring.model_validate({"bertscore": name})
    # The file's name carries the beginning of its hash; FMEval's own call does not compare it.
    torch.hub.load_state_dict_from_url(DetoxifyHelperModel.UNBIASED_MODEL_URL, map_location="cpu", check_hash=True)
    DetoxifyHelperModel().get_helper_scores(["Thank you, that was helpful."])
    toxigen = assets / toxicity_model.TOXIGEN_FOLDER
    snapshot_download(ToxigenHelperModel.TOXIGEN_MODEL_NAME, local_dir=toxigen, allow_patterns=list(MODEL_FILES))
    for name in WORDS:
        nltk.download(name, download_dir=assets / nltk_data.FOLDER, raise_on_error=True, quiet=True)
    unpack_words(assets)
    for name in bertscore_models:
        folder = bertscore_model.place(assets, name)
        snapshot_download(name, local_dir=folder, allow_patterns=list(MODEL_FILES))
        card = {"model": name, "layers": model2layers[name]}
        (folder / bertscore_model.CARD).write_text(json.dumps(card))
    if reason := nltk_data.missing(assets):
        raise SystemExit(reason)


def unpack_words(assets: Path) -> None:
    """NLTK reads WordNet out of its archive; it is looked for unpacked, as on machines without NLTK's server."""
    corpora = assets / nltk_data.FOLDER / "corpora"
    for archive in corpora.glob("*.zip"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(corpora)
        archive.unlink()


if __name__ == "__main__":
    bake(Path(os.environ["FMOPS_ASSETS"]), sys.argv[1:])
