"""A link decides once."""

import json
from concurrent.futures import ThreadPoolExecutor
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


def test_fault_32_a_double_click_is_one_decision(desk: Any, links: dict[str, str]) -> None:
    first, second = desk.approve(links[ANN]), desk.approve(links[ANN])

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert "recorded already" in second["body"]
    assert len(desk.tasks.succeeded) == 1


def test_another_decision_afterwards_changes_nothing_and_says_so(desk: Any, links: dict[str, str]) -> None:
    desk.reject(links[ANN])

    answer = desk.approve(links[BOB])

    assert answer["statusCode"] == 409
    assert "rejected by a…@example.org" in answer["body"]
    assert desk.approval["status"] == "rejected"


@pytest.mark.usefixtures("one_at_a_time")
def test_fault_33_many_at_once_leave_one_decision(desk: Any, links: dict[str, str]) -> None:
    def send(number: int) -> int:
        act = desk.approve if number % 2 else desk.reject
        return int(act(links[ANN if number % 4 < 2 else BOB])["statusCode"])

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(send, range(40)))

    assert set(codes) <= {200, 409}
    assert len(desk.tasks.succeeded) == 1
    assert len(desk.decisions) == 1


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


def test_fault_31_a_post_with_a_forged_link_decides_nothing(desk: Any, links: dict[str, str]) -> None:
    payload, _, mac = links[ANN].partition(".")

    answer = desk.approve(f"{payload}.{mac[::-1]}")

    assert answer["statusCode"] == 403
    assert desk.approval["status"] == "pending"


def test_fault_37_an_execution_that_could_not_be_told_is_told_later(desk: Any, links: dict[str, str]) -> None:
    desk.tasks.refuses = UNAVAILABLE
    assert desk.approve(links[ANN])["statusCode"] == 200
    assert desk.approval["status"] == "approved"
    desk.tasks.refuses = None

    told = [retry(desk.tasks, wiring.ledger(), clock.now()) for _ in range(2)]

    assert told == [1, 0]
    assert len(desk.tasks.succeeded) == 1


def test_an_execution_that_is_gone_is_not_told_again(desk: Any, links: dict[str, str]) -> None:
    desk.tasks.refuses = GONE
    desk.approve(links[ANN])

    assert retry(desk.tasks, wiring.ledger(), clock.now()) == 0
    assert desk.approval["callback"] == "gone"
