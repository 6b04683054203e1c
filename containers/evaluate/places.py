"""The folders of a job."""

from pathlib import Path
from typing import NamedTuple

from containers.evaluate.answers import Shelf


class Places(NamedTuple):
    """Where the inputs lie, and where the outputs are to lie."""

    config: Path
    dataset: Path
    shelf: Shelf
    # Absent where nobody knows the model's tokenizer.
    tokenizer: Path
    # `<candidate>.jsonl` with the answers of each, where they are judged.
    candidates: Path
    results: Path
    table: Path
    progress: Path
    # What the image carries: models.
    assets: Path
