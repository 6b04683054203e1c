"""An account in moto for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.account import Account, fresh


@pytest.fixture
def account(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A fresh account; the functions' settings name its parts."""
    with fresh(repo, monkeypatch) as found:
        yield found
