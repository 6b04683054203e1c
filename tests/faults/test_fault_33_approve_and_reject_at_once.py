"""Fault 33: one approver approves while another rejects."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.approval.conftest import Desk


@pytest.mark.usefixtures("one_at_a_time")
def test_fault_33_the_first_wins_and_the_others_are_told(desk: Desk, asked: dict[str, str]) -> None:
    def send(number: int) -> int:
        act = desk.approve if number % 2 else desk.reject
        return int(act(asked["ann" if number % 4 < 2 else "bob"])["statusCode"])

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(send, range(24)))

    assert set(codes) == {200, 409}
    assert len(desk.tasks.succeeded) == 1
    assert len(desk.decisions) == 1
