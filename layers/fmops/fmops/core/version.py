"""Which code runs: for whoever asks later what made a decision."""

import hashlib
from functools import cache
from pathlib import Path

_LIBRARY = Path(__file__).resolve().parents[1]


@cache
def library_digest() -> str:
    """`sha256:<64 hex digits>` over the names and the contents of the library's files as they lie there now.

    It is the same for the same files wherever they lie, and unlike a name that was given at deployment it can't be
    wrong.
    """
    return folder_digest(_LIBRARY)


def folder_digest(folder: Path) -> str:
    """Over all Python and JSON files below a folder."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".json")):
        total.update(f"{file.relative_to(folder).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"
