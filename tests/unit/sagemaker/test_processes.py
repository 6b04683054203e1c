"""Processes of jobs and endpoints: they end with whoever started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.protocol import LocalError
from local.sagemaker.processes import Processes
from tests.waiting import eventually

ENVIRONMENT = {"PATH": os.environ["PATH"]}


@pytest.fixture
def processes() -> Iterator[Processes]:
    running = Processes()
    yield running
    running.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def test_lines_and_exit_code_arrive(processes: Processes, tmp_path: Path) -> None:
    lines: list[str] = []

    process = processes.spawn(
        python("import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"),
        cwd=tmp_path,
        environment=ENVIRONMENT,
        on_line=lines.append,
    )

    assert process.wait(10) == 3
    assert lines == ["one", "two"]


def test_the_environment_is_exactly_what_was_given(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "x")

    process = processes.spawn(
        python("import os; print(os.environ.get('SECRET_OF_THE_PARENT'), os.environ['GIVEN'])"),
        cwd=tmp_path,
        environment={**ENVIRONMENT, "GIVEN": "yes"},
        on_line=lines.append,
    )
    process.wait(10)

    assert lines == ["None yes"]


def test_a_command_can_answer_sigterm(processes: Processes, tmp_path: Path) -> None:
    lines: list[str] = []
    code = (
        "import signal, sys, time\n"
        "def save(*_): print('saved'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save); print('ready'); time.sleep(60)"
    )
    process = processes.spawn(python(code), cwd=tmp_path, environment=ENVIRONMENT, on_line=lines.append)
    assert eventually(lambda: "ready" in lines)

    process.terminate()

    assert process.wait(10) == 0
    assert lines[-1] == "saved"


def test_kill_ends_a_command_that_ignores_sigterm_and_its_children(processes: Processes, tmp_path: Path) -> None:
    lines: list[str] = []
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "print(child.pid); time.sleep(60)"
    )
    process = processes.spawn(python(code), cwd=tmp_path, environment=ENVIRONMENT, on_line=lines.append)
    assert eventually(lambda: bool(lines))

    process.kill()

    assert process.wait(10) == 128 + signal.SIGKILL
    assert not lives(int(lines[0]))


def test_stop_ends_what_still_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    processes = Processes()
    process = processes.spawn(python("import time; time.sleep(60)"), cwd=tmp_path, environment=ENVIRONMENT)

    processes.stop()

    assert process.returncode is not None
    with pytest.raises(LocalError, match="stopping"):
        processes.spawn(python("pass"), cwd=tmp_path, environment=ENVIRONMENT)


def test_a_command_that_does_not_exist_exits_127_and_says_so(processes: Processes, tmp_path: Path) -> None:
    lines: list[str] = []

    process = processes.spawn(["no-such-command"], cwd=tmp_path, environment=ENVIRONMENT, on_line=lines.append)

    assert process.wait(10) == 127
    assert lines == ["cannot start no-such-command: No such file or directory"]


def test_a_missing_folder_is_one_clear_error(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="Cannot start"):
        processes.spawn(python("pass"), cwd=tmp_path / "missing", environment=ENVIRONMENT)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_killing_the_parent_ends_the_command(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys, time\n"
        "from local.sagemaker.processes import Processes\n"
        "processes = Processes()\n"
        "command = [sys.executable, '-u', '-c', 'import os, time; print(os.getpid()); time.sleep(60)']\n"
        "processes.spawn(command, cwd=pathlib.Path('.'), environment=dict(os.environ),"
        " on_line=lambda line: print(line, flush=True))\n"
        "time.sleep(60)"
    )
    repo = Path(__file__).parents[3]
    parent = subprocess.Popen(
        python(code), cwd=repo, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(repo)}
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    assert lives(pid)

    parent.kill()
    parent.wait()

    assert eventually(lambda: not lives(pid))
