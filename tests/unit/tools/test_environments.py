"""The set-up says in one sentence what is wrong, and does nothing when nothing has changed."""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import environments
from tools.environments import Environment


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(environments, "LOGS", tmp_path / "logs")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "requirements" / "a.txt").write_text("six==1.17.0\n")
    return Environment(".venv-a", ("a.txt",), 0.1)


def pretend_made(environment: Environment) -> None:
    (environment.folder / "bin").mkdir(parents=True)
    environment.python.touch()
    (environment.folder / "stamp").write_text(environment.fingerprint())


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "the disk is full.",
        ),
        (
            "error: Failed to fetch: `registry`\n  Caused by: error sending request",
            "a package registry cannot be reached or lacks a package; check the network and pip's or uv's index.",
        ),
        ("error: Hash mismatch for `six==1.17.0`", "a downloaded package does not have the hash that the lock names."),
        ("first\nsomething else broke\n\n", "the installer ended with: something else broke."),
        ("", "the installer ended with: no output."),
    ],
)
def test_a_failure_becomes_one_sentence(output: str, sentence: str) -> None:
    assert environments.explain(output) == sentence


def test_an_environment_is_current_until_its_lock_changes(environment: Environment) -> None:
    pretend_made(environment)
    before = environment.is_current()

    (environments.REQUIREMENTS / "a.txt").write_text("six==1.18.0\n")

    assert (before, environment.is_current()) == (True, False)


def test_an_environment_whose_making_was_cut_off_is_not_current(environment: Environment) -> None:
    pretend_made(environment)
    (environment.folder / "stamp").unlink()

    assert not environment.is_current()


def test_a_disk_without_room_is_told_before_anything_is_installed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Usage(NamedTuple):
        free: float

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=5e7))

    code = environments.make_missing([environment])

    assert code == 1
    assert "has 0.1 GB free, and the environments need 0.1 GB." in capsys.readouterr().err
    assert not environment.folder.exists()


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert environments.main([".venv-b"]) == 2
    assert "No environment is called .venv-b" in capsys.readouterr().err


def test_a_failed_installer_leaves_a_log_and_says_where(environment: Environment) -> None:
    with pytest.raises(
        environments.SetupFailed, match=r"No module named nosuchmodule. The whole output is in .*venv-a\.log"
    ):
        environments.run(environment, sys.executable, "-m", "nosuchmodule")

    assert "nosuchmodule" in (environments.LOGS / "venv-a.log").read_text()
