"""What the code of a local run is called: its git revision, where there is one."""

import re
import subprocess
from pathlib import Path

# As the template's parameter `CodeVersion` allows.
_ALLOWED = re.compile(r"^[A-Za-z0-9._/+-]{1,100}$")


def code_version(folder: Path) -> str:
    """The revision that is checked out, `-dirty` behind it where files were changed since; "" where git knows none."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = told.stdout.strip()
    return found if told.returncode == 0 and _ALLOWED.match(found) else ""
