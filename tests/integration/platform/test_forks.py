"""Processes of functions are forked from a server that has loaded what they share."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.lambdas.forks import Fork, Forks
from local.protocol import AwsError
from tests.waiting import eventually

SAYS_WHAT_IT_HAS = """
import json, os, sys
json.dump({"environment": sorted(os.environ), "path": sys.path, "cwd": os.getcwd(), "shared": "boto3" in sys.modules,
           "own": "fmops" in sys.modules, "server": os.getppid()}, sys.stdout)
sys.stdout.flush()
"""


@pytest.fixture
def forks() -> Iterator[Forks]:
    started = Forks()
    yield started
    started.stop()


def start(forks: Forks, folder: Path, code: str, *layers: Path, **environment: str) -> Fork:
    """A process that runs this code as AWS' runtime client would be run."""
    (folder / "awslambdaric").mkdir(exist_ok=True)
    (folder / "awslambdaric" / "__init__.py").write_text("")
    (folder / "awslambdaric" / "__main__.py").write_text(code + "\ndef main(_): ...\n")
    path = os.pathsep.join(map(str, (folder, *layers)))
    return forks.start(layers, {"PYTHONPATH": path, "_HANDLER": "app.handler", **environment}, folder)


def output(fork: Fork) -> str:
    said = b"".join(iter(lambda: fork.stdout.read(65536), b""))
    fork.stdout.close()
    return said.decode()


def test_a_process_has_its_own_environment_and_path_and_what_all_share(forks: Forks, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()

    fork = start(forks, tmp_path, SAYS_WHAT_IT_HAS, layer, COLOR="blue")
    said = json.loads(output(fork))

    assert said["environment"] == ["COLOR", "PYTHONPATH", "_HANDLER"]
    assert said["path"][:2] == [str(tmp_path), str(layer)]
    assert str(Path(__file__).parents[3]) not in said["path"]
    assert said["cwd"] == str(tmp_path)
    assert said["shared"]
    assert not said["own"]
    assert fork.wait() == 0


def test_a_process_that_ends_badly_says_how(forks: Forks, tmp_path: Path) -> None:
    left = start(forks, tmp_path, "raise SystemExit(3)")
    assert (output(left), left.wait()) == ("", 3)

    broken = start(forks, tmp_path, "import no_such_module")
    assert "No module named 'no_such_module'" in output(broken)
    assert broken.wait() == 1

    killed = start(forks, tmp_path, "import time; time.sleep(600)")
    assert killed.poll() is None
    killed.kill()
    assert (output(killed), killed.wait()) == ("", -signal.SIGKILL)


def test_what_a_process_started_is_killed_with_it(forks: Forks, tmp_path: Path) -> None:
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    fork = start(forks, tmp_path, code, PATH=os.environ["PATH"])
    started = int(fork.stdout.readline())

    fork.kill()

    assert fork.wait() == -signal.SIGKILL
    eventually(lambda: not _command(started))
    fork.stdout.close()


def test_a_server_that_is_killed_takes_its_processes_with_it_and_is_replaced(forks: Forks, tmp_path: Path) -> None:
    code = "import os, time; print(os.getppid(), flush=True); time.sleep(600)"
    first = start(forks, tmp_path, code)
    os.kill(int(first.stdout.readline()), signal.SIGKILL)
    assert (output(first), first.wait()) == ("", -signal.SIGKILL)

    second = start(forks, tmp_path, SAYS_WHAT_IT_HAS)

    assert json.loads(output(second))["shared"]
    assert second.wait() == 0


def test_nothing_outlives_the_servers_and_nothing_starts_after_them(tmp_path: Path) -> None:
    forks = Forks()
    fork = start(forks, tmp_path, "import time; time.sleep(600)")

    forks.stop()

    assert (output(fork), fork.wait()) == ("", -signal.SIGKILL)
    with pytest.raises(AwsError, match="stopping"):
        start(forks, tmp_path, SAYS_WHAT_IT_HAS)


def _command(pid: int) -> bytes:
    """Empty for one that has ended and whom nobody has buried yet."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
