"""Starts programs in the environment of the jobs."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOO_LONG = 900


class Jobs:
    """The jobs' interpreter, with what a container image sets."""

    def __init__(self, repo: Path, home: Path) -> None:
        self.repo = repo
        self.python = repo / ".venv-jobs" / "bin" / "python"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": f"{repo}:{repo / 'layers' / 'fmops'}",
            "PYTHONUNBUFFERED": "1",
            "HF_HUB_OFFLINE": "1",
            "HF_EVALUATE_OFFLINE": "1",
            "DISABLE_FMEVAL_TELEMETRY": "1",
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_health_check_timeout_ms": "120000",
            "RAY_health_check_failure_threshold": "20",
            # Tests share the machine: threads that wait for each other would be slower than one.
            "OMP_NUM_THREADS": "1",
            "FMOPS_ASSETS": str(repo / ".local" / "assets"),
        }

    def start(self, *words: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.python), *words],
            env={**self.environment, **(more or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def scenarios(self, name: str, folder: Path) -> dict[str, Any]:
        """Run a program beside this file; the JSON of its last line."""
        with self.start(str(HERE / name), str(folder)) as process:
            out, err = process.communicate(timeout=TOO_LONG)
        assert process.returncode == 0, err[-3000:]
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found


@pytest.fixture(scope="session")
def jobs(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    made = Jobs(repo, tmp_path_factory.mktemp("home"))
    if not made.python.exists():
        pytest.skip("the jobs' environment is missing: make setup")
    return made
