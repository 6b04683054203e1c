"""One deployed system for the journeys of a file: each test has a use case of its own in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.life import Life, life


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Life]:
    """A fresh stack with tiny jobs."""
    with life(tmp_path_factory.mktemp("life"), repo) as deployed:
        yield deployed
