"""A link decides once."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fmops.approval.callbacks import retry
from fmops.core import clock, wiring

ANN, BOB = "ann@example.org", "bob@example.org"
UNAVAILABLE = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "SendTaskSuccess")
GONE = ClientError({"Error": {"Code": "TaskTimedOut", "Message": "closed"}}, "SendTaskSuccess")


@pytest.fixture
def links(desk: Any) -> dict[str, str]:
    desk.confirm(ANN, BOB)
    desk.ask()
    return {address: desk.link(address) for address in (ANN, BOB)}


def test_an_approval_resumes_the_execution_with_the_decision(desk: Any, links: dict[str, str]) -> None:
    answer = desk.approve(links[ANN])

    assert answer["statusCode"] == 200
    assert "your decision is recorded" in answer["body"]
    ((token, output),) = desk.tasks.succeeded
    assert token == "token-1"
    assert json.loads(output)["decision"] == "approved"


def test_a_decision_is_kept_with_who_when_why_and_for_what(desk: Any, links: dict[str, str]) -> None:
    desk.reject(links[BOB])

    (decision,) = desk.decisions
    assert decision["decision"] == "rejected"
    assert decision["address"] == BOB
    assert decision["identity"] == "mailbox"
    assert decision["reason"] == "too slow"
    assert decision["digest"] == "sha256:" + "ab" * 32
    assert decision["decided_at"]


def test_another_decision_afterwards_changes_nothing_and_says_so(desk: Any, links: dict[str, str]) -> None:
    desk.reject(links[ANN])

    answer = desk.approve(links[BOB])

    assert answer["statusCode"] == 409
    assert "rejected by a…@example.org" in answer["body"]
    assert desk.approval["status"] == "rejected"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"decision": "approve", "confirmation": "wrong"}, 422),
        ({"decision": "reject", "reason": ""}, 422),
        ({}, 422),
    ],
)
def test_an_incomplete_form_decides_nothing(
    desk: Any, links: dict[str, str], fields: dict[str, str], status: int
) -> None:
    answer = desk.post(links[ANN], **fields)

    assert answer["statusCode"] == status
    assert "<form" in answer["body"]
    assert desk.approval["status"] == "pending"


def test_an_execution_that_is_gone_is_not_told_again(desk: Any, links: dict[str, str]) -> None:
    desk.tasks.refuses = GONE
    desk.approve(links[ANN])

    assert retry(desk.tasks, wiring.ledger(), clock.now()) == 0
    assert desk.approval["callback"] == "gone"
