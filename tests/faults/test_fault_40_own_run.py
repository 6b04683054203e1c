"""Fault 40: whoever submitted a run approves it."""

import pytest

from tests.integration.approval.conftest import Desk

OWNER, ANN = "owner@example.org", "ann@example.org"


@pytest.fixture
def link(desk: Desk) -> str:
    desk.use_case(approvers=[OWNER, ANN], approval={"four_eyes": True})
    desk.confirm(OWNER, ANN)
    desk.ask()
    return desk.link(OWNER)


def test_fault_40_submitters_approval_is_refused_where_the_rule_is_on(desk: Desk, link: str) -> None:
    answer = desk.approve(link)

    assert answer["statusCode"] == 403
    assert "somebody else must approve it" in answer["body"]
    assert desk.approval["status"] == "pending"
    assert desk.approve(desk.link(ANN))["statusCode"] == 200


def test_fault_40_submitters_page_does_not_offer_it(desk: Desk, link: str) -> None:
    assert 'value="approve"' not in desk.open(link)["body"]
