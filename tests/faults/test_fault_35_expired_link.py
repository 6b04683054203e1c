"""Fault 35: a link is used after its time."""

from collections.abc import Callable
from datetime import timedelta

from tests.integration.approval.conftest import Desk


def test_fault_35_link_past_its_time_is_gone_and_decides_nothing(
    desk: Desk, asked: dict[str, str], later: Callable[[timedelta], None]
) -> None:
    later(timedelta(days=7, seconds=1))

    codes = [desk.open(asked["ann"])["statusCode"], desk.approve(asked["ann"])["statusCode"]]

    assert codes == [410, 410]
    assert desk.approval["status"] == "pending"
    assert desk.tasks.succeeded == []
