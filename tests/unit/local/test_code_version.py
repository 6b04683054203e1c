"""Local reports name the revision that made them."""

import subprocess
from pathlib import Path

import pytest

from local.code_version import code_version


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("a")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "file"], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)
    return tmp_path


def test_revision_is_named_and_says_when_files_were_changed(checkout: Path) -> None:
    clean = code_version(checkout)
    (checkout / "file").write_text("b")

    assert len(clean) == 12
    assert code_version(checkout) == f"{clean}-dirty"


def test_a_folder_that_is_no_checkout_has_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert code_version(tmp_path) == ""
