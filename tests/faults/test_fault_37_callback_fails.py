"""Fault 37: the decision is stored, and Step Functions can't be told."""

from botocore.exceptions import ClientError

from fmops.approval.callbacks import retry
from fmops.core import clock, wiring
from tests.integration.approval.conftest import Desk

UNAVAILABLE = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "SendTaskSuccess")


def test_fault_37_is_told_from_the_ledger_once(desk: Desk, asked: dict[str, str]) -> None:
    desk.tasks.refuses = UNAVAILABLE
    assert desk.approve(asked["ann"])["statusCode"] == 200
    assert desk.approval["status"] == "approved"
    assert desk.tasks.succeeded == []
    desk.tasks.refuses = None

    told = [retry(desk.tasks, wiring.ledger(), clock.now()) for _ in range(2)]

    assert told == [1, 0]
    assert len(desk.tasks.succeeded) == 1
    assert len(desk.decisions) == 1
