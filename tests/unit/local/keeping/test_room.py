"""The folder of kept state: one run has it, and what cannot be read is moved aside and said."""

from pathlib import Path

import pytest

from local.keeping.room import Room
from local.keeping.shelf import Change
from local.protocol import LocalError


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The sources on which the form of the state depends."""
    folder = tmp_path / "repo"
    (folder / "local").mkdir(parents=True)
    (folder / "local" / "part.py").write_text("one = 1\n")
    return folder


def fill(folder: Path, repo: Path) -> None:
    with Room(folder, repo, print) as room:
        room.shelf.write([Change("things", {"a": b"1", "b": b"2"}, [])])


def test_what_was_written_is_there_for_the_next_run(tmp_path: Path, repo: Path) -> None:
    said: list[str] = []
    fill(tmp_path / "state", repo)

    with Room(tmp_path / "state", repo, said.append) as room:
        room.shelf.write([Change("things", {"b": b"3"}, ["a"])])
        found = room.shelf.read()

    assert found == {"things": {"b": b"3"}}
    assert said == []


def test_state_of_another_version_is_moved_aside_and_said(tmp_path: Path, repo: Path) -> None:
    said: list[str] = []
    fill(tmp_path / "state", repo)
    (repo / "local" / "part.py").write_text("one = 2\n")

    with Room(tmp_path / "state", repo, said.append) as room:
        found = room.shelf.read()

    [aside] = tmp_path.glob("state-*")
    assert found == {}
    assert (aside / "state.db").exists()
    assert len(said) == 1
    assert "another version of the local run" in said[0]
    assert str(aside) in said[0]


@pytest.mark.parametrize("content", [b"no database", b""], ids=["rubbish", "empty"])
def test_state_that_cannot_be_read_is_no_stack_trace(tmp_path: Path, repo: Path, content: bytes) -> None:
    said: list[str] = []
    fill(tmp_path / "state", repo)
    (tmp_path / "state" / "state.db").write_bytes(content)

    with Room(tmp_path / "state", repo, said.append) as room:
        found = room.shelf.read()

    assert found == {}
    assert len(list(tmp_path.glob("state-*"))) == len(said) == (1 if content else 0)


def test_two_runs_do_not_share_it(tmp_path: Path, repo: Path) -> None:
    with Room(tmp_path / "state", repo, print), pytest.raises(LocalError, match="another local run has"):
        Room(tmp_path / "state", repo, print)

    Room(tmp_path / "state", repo, print).__exit__(None, None, None)


def test_fresh_forgets(tmp_path: Path, repo: Path) -> None:
    fill(tmp_path / "state", repo)

    with Room(tmp_path / "state", repo, print, fresh=True) as room:
        assert room.shelf.read() == {}

    assert list(tmp_path.glob("state-*")) == []
