"""The local run is started, found and stopped as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmops_cli import local_run, target
from fmops_cli.__main__ import main

# Stands for the system: says how it is reached, as local.console does, until it is asked to end.
_SYSTEM = """
import json, os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("deploying", flush=True)
if {fails!r}:
    sys.exit("fmops: " + {fails!r})
document = {{"stack": "fmops", "endpoint": "http://127.0.0.1:1", "outputs": {{}}, "console": "http://127.0.0.1:2"}}
pathlib.Path({file!r}).write_text(json.dumps({{**document, "pid": os.getpid(), "words": sys.argv[1:]}}))
while True:
    time.sleep(0.05)
"""


class System:
    """The file of a local run, and a process that stands for it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = folder / "stack.json"
        self._folder, self._patch = folder, monkeypatch
        monkeypatch.setattr(target, "LOCAL_FILE", self.file)
        self.works()

    def works(self, fails: str = "") -> None:
        script = self._folder / "local.console.py"
        script.write_text(_SYSTEM.format(file=str(self.file), fails=fails))
        self._patch.setattr(local_run, "command", lambda: [sys.executable, str(script)])


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    yield System(tmp_path, monkeypatch)
    main(["local", "down"])


def test_up_waits_until_it_is_ready_and_shows_what_happens(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["local", "up", "--console-port", "4800"])

    said = capfd.readouterr().out
    assert code == 0
    assert "deploying" in said
    assert "http://127.0.0.1:2" in said
    assert json.loads(system.file.read_text())["words"][0] == "--console-port=4800"


def test_up_twice_starts_one(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    main(["local", "up"])
    first = json.loads(system.file.read_text())["pid"]

    code = main(["local", "up"])

    assert code == 0
    assert json.loads(system.file.read_text())["pid"] == first
    assert "is up already" in capfd.readouterr().out


def test_up_that_fails_says_why(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    system.works(fails="port 4700 for the console is in use")

    code = main(["local", "up"])

    assert code == 1
    assert capfd.readouterr().err == "fmops: port 4700 for the console is in use\n"


def test_down_stops_the_process(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    main(["local", "up"])
    pid = json.loads(system.file.read_text())["pid"]

    code = main(["local", "down"])

    assert code == 0
    assert "the local run is stopped" in capfd.readouterr().out
    assert not local_run.is_alive({"pid": pid})
    assert not system.file.exists()


def test_file_of_a_run_that_died_is_not_taken_for_one(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    # Its process id was given to somebody else since.
    system.file.write_text(json.dumps({"pid": other.pid, "endpoint": "", "outputs": {}}))

    status, stopped = main(["local", "status"]), main(["local", "down"])

    said = capfd.readouterr().out
    assert (status, stopped) == (1, 0)
    assert "no local run is up" in said
    assert other.poll() is None
    other.kill()
    other.wait()


def test_status_is_there_for_programs(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    main(["local", "up", "--json"])
    up = json.loads(capfd.readouterr().out)

    main(["local", "status", "--json"])

    assert json.loads(capfd.readouterr().out) == up
    assert up["up"] is True
