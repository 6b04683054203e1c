"""Opening a link shows the evidence and changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def link(desk: Any) -> str:
    desk.confirm(ANN, BOB)
    desk.ask()
    token: str = desk.link(ANN)
    return token


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_fault_29_get_and_head_change_nothing(desk: Any, link: str, method: str) -> None:
    before = desk.account.records("RUN#run-0123456789ab")

    for _ in range(3):
        assert desk.open(link, method)["statusCode"] == 200

    assert desk.account.records("RUN#run-0123456789ab") == before
    assert desk.tasks.succeeded == []


def test_the_page_shows_the_numbers_and_a_form(desk: Any, link: str) -> None:
    page = desk.open(link)["body"]

    assert "0.400 (0.300 to 0.500)" in page
    assert "<form method=" in page
    assert "token-1" not in page


def test_head_has_headers_and_no_body(desk: Any, link: str) -> None:
    answer = desk.open(link, "HEAD")

    assert answer["body"] == ""
    assert answer["headers"]["cache-control"] == "no-store"


def test_fault_35_an_expired_link_is_gone(desk: Any, link: str, later: Callable[[timedelta], None]) -> None:
    later(timedelta(days=7, seconds=1))

    assert desk.open(link)["statusCode"] == 410
    assert desk.approve(link)["statusCode"] == 410
    assert desk.approval["status"] == "pending"


def test_forged_links_all_get_the_same_answer(desk: Any, link: str) -> None:
    payload, _, mac = link.partition(".")
    flipped = ("A" if mac[0] != "A" else "B") + mac[1:]

    answers = [desk.open(token) for token in ("", "x", "a.b", f"{payload}.{flipped}", f"{payload[:-4]}AAAA.{mac}")]

    assert {answer["statusCode"] for answer in answers} == {403}
    assert len({answer["body"] for answer in answers}) == 1
