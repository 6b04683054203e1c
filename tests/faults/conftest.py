"""The accounts of the integration tests: a fault is one thing that goes wrong in them."""

import io
from pathlib import Path

import pytest

from fmops.core import log
from tests.browser.conftest import chromium
from tests.integration.account import Account
from tests.integration.approval.conftest import Desk, desk, later, one_at_a_time
from tests.integration.conftest import account
from tests.integration.drops import Drops
from tests.integration.evaluation.conftest import evaluation
from tests.integration.release.conftest import yard
from tests.unit.launches.conftest import bench

__all__ = ["account", "asked", "bench", "chromium", "desk", "drop", "evaluation", "later", "one_at_a_time", "yard"]

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def drop(account: Account, repo: Path) -> Drops:
    """Puts datasets into the bucket."""
    return Drops(account, repo)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the approval's functions log."""
    stream = io.StringIO()
    monkeypatch.setattr(log.logger("approval").registered_handler, "stream", stream)
    return stream


@pytest.fixture
def asked(desk: Desk) -> dict[str, str]:
    """The links of two approvers who were asked about a run."""
    desk.confirm(ANN, BOB)
    desk.ask()
    return {"ann": desk.link(ANN), "bob": desk.link(BOB)}
