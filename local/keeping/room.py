"""The folder in which a local run keeps its state, held by one run at a time."""

import fcntl
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from local.keeping.shelf import Shelf
from local.protocol import LocalError

_SOURCES = ("local/**/*.py", "requirements/*.txt")
"""What the form of kept state depends on: our parts, and the pinned packages whose objects are in it."""


class Room:
    """`shelf` and `objects` in it; what cannot be used is moved aside and said."""

    def __init__(self, folder: Path, repo: Path, say: Callable[[str], None], *, fresh: bool = False) -> None:
        """`fresh` throws away what is there. LocalError while another run has the folder."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.objects = folder / "objects"
        self._lock = folder.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise LocalError(f"another local run has {folder}; `fmops local down` stops it") from error
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        form = _form(repo)
        if folder.exists() and _written_by(folder) != form:
            _move_aside(folder, "it was written by another version of the local run", say)
        try:
            self.shelf = self._opened(folder, form)
            self.shelf.read()
        except LocalError as error:
            _move_aside(folder, str(error), say)
            self.shelf = self._opened(folder, form)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shelf.close()
        self._lock.close()

    def _opened(self, folder: Path, form: str) -> Shelf:
        folder.mkdir(exist_ok=True)
        about = folder / "about.json"
        if not about.exists():
            fresh = about.with_suffix(".new")
            fresh.write_text(json.dumps({"form": form}), encoding="utf-8")
            fresh.replace(about)
        return Shelf(folder / "state.db")


def _form(repo: Path) -> str:
    """Changes whenever what was kept might no longer be understood."""
    digest = hashlib.sha256(sys.version.encode())
    for pattern in _SOURCES:
        for file in sorted(repo.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _written_by(folder: Path) -> str:
    try:
        return str(json.loads((folder / "about.json").read_text(encoding="utf-8"))["form"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _move_aside(folder: Path, why: str, say: Callable[[str], None]) -> None:
    aside = folder.with_name(f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}")
    number = 1
    while aside.exists():
        number += 1
        aside = aside.with_name(f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}-{number}")
    folder.rename(aside)
    say(f"the kept state is not used, for {why}; it is moved to {aside}, and this run starts empty")
