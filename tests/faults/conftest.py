"""The accounts of the integration tests: a fault is one thing that goes wrong in them."""

from pathlib import Path

import pytest

from tests.integration.account import Account
from tests.integration.conftest import account
from tests.integration.drops import Drops
from tests.integration.evaluation.conftest import evaluation
from tests.unit.launches.conftest import bench

__all__ = ["account", "bench", "drop", "evaluation"]


@pytest.fixture
def drop(account: Account, repo: Path) -> Drops:
    """Puts datasets into the bucket."""
    return Drops(account, repo)
