"""Where METEOR finds its synonyms and its words' ends among what the image carries. Imports nothing heavy."""

from pathlib import Path

FOLDER = "nltk"
NEEDED = {"WordNet": "corpora/wordnet/index.sense", "punkt_tab": "tokenizers/punkt_tab/english/collocations.tab"}


def missing(assets: Path) -> str | None:
    """A sentence about what METEOR lacks; None where it lacks nothing."""
    absent = [name for name, file in NEEDED.items() if not (assets / FOLDER / file).is_file()]
    if not absent:
        return None
    return f"METEOR needs {' and '.join(absent)}, which {assets} does not hold."
