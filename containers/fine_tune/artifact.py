"""Writes the trained model: one that needs no adapters, and the list of its files."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

FILES, CARD = "files.json", "fine_tuning.json"
_CHUNK = 1 << 20


def write(model: Any, tokenizer: Any, dtype: torch.dtype, card: Mapping[str, Any], folder: Path) -> None:
    """Merge the adapters, save model and tokenizer in the precision that they came in, and list the files.

    `card` says what the weights were made by. It is one of the files, so whoever approves them approves it too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    merged = model.merge_and_unload().to(dtype)
    merged.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    (folder / CARD).write_text(json.dumps(card, indent=1))
    for file in folder.iterdir():
        # Writers of safetensors let only the owner read; whoever copies the folder may be another.
        file.chmod(0o644)
    (folder / FILES).write_text(json.dumps(list_files(folder), indent=1))


def list_files(folder: Path) -> list[dict[str, str | int]]:
    """`[{"path", "size", "sha256"}]` of all files, by path."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != FILES)
    return [
        {"path": file.relative_to(folder).as_posix(), "size": file.stat().st_size, "sha256": sha256(file)}
        for file in files
    ]


def sha256(file: Path) -> str:
    """The hex digest of a file's content."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
