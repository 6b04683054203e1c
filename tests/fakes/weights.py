"""Files of weights, and of what only looks like them."""

import io
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any


def safetensors(values: int = 1, **header: Any) -> bytes:
    """A whole file with one tensor of `values` floats; members of `header` replace the right ones."""
    tensor = {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}
    text = json.dumps({"__metadata__": {"format": "pt"}, "weight": tensor, **header}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(4 * values)


class _Code:
    """What a pickle may do when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self._mark,))


def pickled(mark: Path) -> bytes:
    """A pickle that leaves a file where it was loaded."""
    return pickle.dumps(_Code(mark))


def packed(files: dict[str, bytes]) -> bytes:
    """A model.tar.gz."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()
