"""Bakes the image's assets, with local folders in the place of the hubs. Runs in the jobs' environment."""

import json
import os
import re
import shutil
import site
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fmeval.eval_algorithms.helper_models.helper_model import DetoxifyHelperModel

from containers.evaluate import bake, bertscore_model, nltk_data, toxicity_model
from containers.evaluate.scorers.base import Means, Record
from containers.evaluate.scorers.registry import REGISTRY
from fmops.evaluation.algorithms import Algorithm, Metric

LOCAL = Path(os.environ["FMOPS_ASSETS"])
LOCK = Path(__file__).resolve().parents[3] / "requirements" / "jobs.txt"
MODEL = "roberta-large-mnli"
# "feline" is found by a synonym.
REWORDED = Record("The feline sat down.", "The cat sat.")


class Hubs:
    """What the hubs have; remembers what was asked for."""

    def __init__(self, *, words: bool = True) -> None:
        self.asked: list[str] = []
        self._words = words

    def checkpoint(self, url: str, *, map_location: str, check_hash: bool) -> dict[str, Any]:
        assert (map_location, check_hash) == ("cpu", True)
        place = Path(os.environ["TORCH_HOME"]) / "hub" / "checkpoints" / url.rsplit("/", 1)[1]
        place.parent.mkdir(parents=True)
        place.write_bytes(b"weights")
        self.asked.append(url)
        return {}

    def snapshot(self, name: str, *, local_dir: Path, allow_patterns: list[str]) -> None:
        """The packaged encoder under any name."""
        assert not {"*", "*.py", "*.pkl"}.intersection(allow_patterns)
        shutil.copytree(LOCAL / "bertscore" / "offline", local_dir)
        (local_dir / bertscore_model.CARD).unlink()
        self.asked.append(name)

    def words(self, name: str, *, download_dir: Path, raise_on_error: bool, quiet: bool) -> bool:
        """As NLTK's own: corpora stay packed, tokenizers are unpacked."""
        assert raise_on_error
        self.asked.append(name)
        if name == "wordnet" and self._words:
            corpora = download_dir / "corpora"
            corpora.mkdir(parents=True)
            with zipfile.ZipFile(corpora / "wordnet.zip", "w") as packed:
                for file in sorted((LOCAL / "nltk" / "corpora" / "wordnet").iterdir()):
                    packed.write(file, f"wordnet/{file.name}")
        if name == "punkt_tab":
            shutil.copytree(LOCAL / "nltk" / "tokenizers" / "punkt_tab", download_dir / "tokenizers" / "punkt_tab")
        return True


class Detoxify:
    """FMEval's helper needs a checkpoint of half a gigabyte; that it is called is what fills the tokenizer's cache."""

    UNBIASED_MODEL_URL = DetoxifyHelperModel.UNBIASED_MODEL_URL

    def get_helper_scores(self, texts: list[str]) -> dict[str, list[float]]:
        return {"toxicity": [0.0 for _ in texts]}


def baked(hubs: Hubs, assets: Path, models: list[str]) -> str:
    os.environ["TORCH_HOME"] = str(assets / "torch")
    with (
        patch("torch.hub.load_state_dict_from_url", hubs.checkpoint),
        patch.object(bake, "snapshot_download", hubs.snapshot),
        patch("nltk.download", hubs.words),
        patch.object(bake, "DetoxifyHelperModel", Detoxify),
    ):
        try:
            bake.bake(assets, models)
        except (SystemExit, ValueError) as error:
            return str(error)
    return "baked"


def main(root: Path) -> dict[str, Any]:
    # Without WordNet, which Debian's packages bring, there is nothing to stand for NLTK's server.
    if nltk_data.missing(LOCAL):
        return {"words": False, "installed": _installed()}
    assets, hubs, wrong = root / "assets", Hubs(), Hubs()
    outcome = baked(hubs, assets, [MODEL])
    bertscore = bertscore_model.find(assets, MODEL)
    assert bertscore is not None
    meteors = {
        name: REGISTRY[Algorithm.SUMMARIZATION_ACCURACY](Means(assets=place)).score([REWORDED])[0][Metric.METEOR]
        for name, place in (("prepared", LOCAL), ("baked", assets))
    }
    return {
        "words": True,
        "outcome": outcome,
        "asked": hubs.asked,
        "bertscore": [bertscore.name, bertscore.folder.name, bertscore.layers],
        "toxicity": [
            toxicity_model.find(assets, "detoxify").kind.value,
            toxicity_model.find(assets, "toxigen").kind.value,
        ],
        "archives": [file.name for file in assets.rglob("*.zip")],
        "meteors": meteors,
        "wordless": baked(Hubs(words=False), root / "wordless", []),
        "wrong_name": baked(wrong, root / "wrong", ["bert-base-uncased"]),
        "asked_for_wrong_name": wrong.asked,
        "installed": _installed(),
    }


def _installed() -> list[str]:
    """Packages of the image's lock that are installed here in another version."""
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert len(pins) > 50
    # Not by the path of modules: ray puts packages of its own before it.
    installed = {
        re.sub(r"[-_.]+", "-", one.name).lower(): one.version for one in distributions(path=site.getsitepackages())
    }
    return [f"{name} {installed.get(name)}, not {pin}" for name, pin in pins if installed.get(name) != pin]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
