"""Profiles the capture files and logs of a folder on one machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from fmops.core.errors import BadInput
from fmops.monitoring.profiling import Profiled, observe
from fmops.monitoring.reading import files
from fmops.monitoring.reading.records import Reading
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

_SUFFIXES = (".jsonl", ".json", ".gz")


class Found(NamedTuple):
    """The files of a folder that are read."""

    files: list[Path]
    size: int
    """Bytes."""


def find(folder: Path) -> Found:
    """Capture files and logs below a folder (or the one file). BadInput where there are none."""
    if not folder.exists():
        raise BadInput(f"{folder} does not exist")
    found = [folder] if folder.is_file() else sorted(file for file in folder.rglob("*") if _is_log(file, folder))
    if not found:
        raise BadInput(f"{folder} holds no file that ends in {', '.join(_SUFFIXES)}")
    return Found(found, sum(file.stat().st_size for file in found))


def profile_folder(folder: Path, rule: Monitoring, lexicon: Lexicon | None) -> Profiled:
    """The profile of all records below a folder, a sample, and some of the lines that can't be read."""
    found = find(folder)
    how = Reading(rule.tenancy, lambda uri: _body(folder, uri))
    return observe(_lines(found.files), rule, how, lexicon, len(found.files))


def _is_log(file: Path, folder: Path) -> bool:
    # Bodies that Bedrock put apart lie in `data/`.
    return file.is_file() and file.suffix in _SUFFIXES and "data" not in file.relative_to(folder).parts[:-1]


def _lines(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as opened:
            for some in files.lines(opened):
                yield from some


def _body(folder: Path, uri: str) -> bytes:
    """A body apart, from the copy of the bucket: the file whose path the URI's path ends with."""
    parts = Path(unquote(urlsplit(uri, allow_fragments=False).path).lstrip("/")).parts
    if ".." in parts:
        raise ValueError(f"{uri} leads out of the folder")
    for begin in range(len(parts)):
        file = folder.joinpath(*parts[begin:])
        if file.is_file():
            with file.open("rb") as opened:
                return b"\n".join(line for some in files.lines(opened) for line in some)
    raise ValueError(f"{uri} is not below {folder}")
