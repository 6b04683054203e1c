"""Pages for the tests of what people see."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page with cookies and storage of its own."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()
