"""Processes of a killed run are known by their own environment; others are left alone."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.keeping import orphans

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells processes' environments")


@contextmanager
def sleeping(cwd: Path, **environment: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-c", "print(1, flush=True); import time; time.sleep(600)"]
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()  # its environment is its own by now
            yield process
        finally:
            process.kill()


def test_processes_of_the_run_are_ended_and_no_others(tmp_path: Path) -> None:
    root, other = tmp_path / "aws", tmp_path / "aws-other"
    root.mkdir()
    other.mkdir()
    with (
        sleeping(tmp_path, HOME=f"{root}/home/function") as function,
        sleeping(tmp_path, FMOPS_ML_ROOT=f"{root}/sagemaker/job/ml") as job,
        sleeping(tmp_path, HOME=f"{other}/home/function") as of_another_run,
        sleeping(root, HOME="/root", OLDPWD=f"{root}/home") as shell_of_a_person,
    ):
        ended = orphans.end(root)

        assert ended == 2
        assert (function.wait(10), job.wait(10)) == (-9, -9)
        assert (of_another_run.poll(), shell_of_a_person.poll()) == (None, None)
