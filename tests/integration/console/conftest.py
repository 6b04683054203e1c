"""A local run for each module: one embedded AWS at a time can be in a process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fmops_cli import target
from fmops_cli.__main__ import main
from local.console.site import Console
from tests.fakes.local_run import LocalRun, local_run


@pytest.fixture(scope="module")
def run(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    with local_run(repo, tmp_path_factory.mktemp("local-run")) as found:
        yield found


@pytest.fixture(scope="module")
def console(run: LocalRun) -> Iterator[Console]:
    site = Console(run.aws, run.target)
    site.start()
    yield site
    site.stop()


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Fmops = Callable[..., Said]


@pytest.fixture
def fmops(run: LocalRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fmops:
    """The command line, aimed at the local run."""
    monkeypatch.setattr(target, "LOCAL_FILE", run.stack.file)

    def call(*words: str) -> Said:
        code = main(list(words))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
