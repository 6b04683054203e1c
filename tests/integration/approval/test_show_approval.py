"""Opening a link shows the evidence and changes nothing."""

from typing import Any

import pytest

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def link(desk: Any) -> str:
    desk.confirm(ANN, BOB)
    desk.ask()
    token: str = desk.link(ANN)
    return token


def test_the_page_shows_the_numbers_and_a_form(desk: Any, link: str) -> None:
    page = desk.open(link)["body"]

    assert "0.400<br><small>0.300 to 0.500</small>" in page
    assert "<form method=" in page
    assert "token-1" not in page


def test_head_has_headers_and_no_body(desk: Any, link: str) -> None:
    answer = desk.open(link, "HEAD")

    assert answer["body"] == ""
    assert answer["headers"]["cache-control"] == "no-store"
