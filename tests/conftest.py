"""Fixtures of all tests."""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader

from tests.chromium import chromium

__all__ = ["chromium"]

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's root."""
    return REPO


@pytest.fixture(scope="session", autouse=True)
def _service_models_are_parsed_once() -> Iterator[None]:
    """Each of moto's accounts begins with a new session, which would parse AWS' models again: 0.3 s a test."""
    with pytest.MonkeyPatch.context() as patch:
        load = JSONFileLoader().load_file
        parse = functools.cache(load)
        # A client of S3 takes the bucket out of the paths of its model: moto could not read it after that.
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: load(path) if "/s3/" in str(path) else parse(path))
        yield
