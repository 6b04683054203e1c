"""Makes NLTK's WordNet out of Debian's packages; METEOR finds synonyms in it.

No Python package carries it. It is installed already, or apt-get fetches it; where neither is so, METEOR is not
available here, and the tests of it are skipped.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGES = ("wordnet-base", "wordnet-sense-index")
INSTALLED = Path("/usr/share/wordnet")
_PARTS = ("noun", "verb", "adj", "adv")
_FILES = (
    *(f"{kind}.{part}" for part in _PARTS for kind in ("data", "index")),
    *(f"{part}.exc" for part in _PARTS),
    "index.sense",
)
# lexnames(5WN), which Debian leaves out: the lexicographers' files in the order of their numbers, by part of speech.
_LEXNAMES = {
    "adj": ("all", "pert"),
    "adv": ("all",),
    "noun": (
        *("Tops", "act", "animal", "artifact", "attribute", "body", "cognition", "communication", "event", "feeling"),
        *("food", "group", "location", "motive", "object", "person", "phenomenon", "plant", "possession", "process"),
        *("quantity", "relation", "shape", "state", "substance", "time"),
    ),
    "verb": (
        *("body", "change", "cognition", "communication", "competition", "consumption", "contact", "creation"),
        *("emotion", "motion", "perception", "possession", "social", "stative", "weather"),
    ),
}
_NUMBERS = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}


class NotHere(Exception):
    """Why WordNet can't be had on this machine."""


def provide(folder: Path) -> None:
    """Make the folder, unless it is there. NotHere tells why it can't be made."""
    if all((folder / name).is_file() for name in (*_FILES, "lexnames")):
        return
    with tempfile.TemporaryDirectory() as place:
        source = INSTALLED if (INSTALLED / "index.sense").is_file() else fetched(Path(place))
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        convert(source, unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)


def convert(source: Path, folder: Path) -> None:
    """Write what NLTK looks for below corpora/wordnet."""
    folder.mkdir(parents=True)
    for name in _FILES:
        shutil.copyfile(source / name, folder / name)
    (folder / "lexnames").write_text(lexnames())


def lexnames() -> str:
    """A line for each of the lexicographers' files: number, name, part of speech."""
    # The last one, of participles, came after the others.
    names = [(part, name) for part, of in _LEXNAMES.items() for name in of] + [("adj", "ppl")]
    return "".join(f"{row:02}\t{part}.{name}\t{_NUMBERS[part]}\n" for row, (part, name) in enumerate(names))


def fetched(place: Path) -> Path:
    """Debian's files below a folder; nothing is installed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NotHere("apt-get is not here")
    if not _did(place, "apt-get", "download", *PACKAGES):
        if os.geteuid() != 0:
            raise NotHere(f"apt-get does not know {PACKAGES[0]}; as root: apt-get update")
        if not (_did(place, "apt-get", "update") and _did(place, "apt-get", "download", *PACKAGES)):
            raise NotHere(f"apt-get could not download {PACKAGES[0]}")
    for package in place.glob("*.deb"):
        if not _did(place, "dpkg-deb", "--extract", str(package), "unpacked"):
            raise NotHere(f"{package.name} could not be unpacked")
    return place / "unpacked" / INSTALLED.relative_to("/")


def _did(place: Path, *words: str) -> bool:
    return subprocess.run(words, cwd=place, capture_output=True, check=False).returncode == 0
