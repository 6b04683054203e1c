"""Fault 29: somebody or something opens the links, by GET or HEAD."""

import pytest

from tests.integration.approval.conftest import RUN, Desk


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_fault_29_opening_every_link_changes_nothing(desk: Desk, asked: dict[str, str], method: str) -> None:
    before = desk.account.records(f"RUN#{RUN}")

    answers = [desk.open(link, method) for link in asked.values() for _ in range(3)]

    assert {answer["statusCode"] for answer in answers} == {200}
    assert desk.account.records(f"RUN#{RUN}") == before
    assert desk.tasks.succeeded == []
