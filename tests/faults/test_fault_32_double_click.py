"""Fault 32: an approver clicks twice."""

from tests.integration.approval.conftest import Desk


def test_fault_32_second_click_sees_the_first_ones_decision(desk: Desk, asked: dict[str, str]) -> None:
    first, second = desk.approve(asked["ann"]), desk.approve(asked["ann"])

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert "recorded already" in second["body"]
    assert len(desk.tasks.succeeded) == 1
    assert len(desk.decisions) == 1
