"""The accounts of the integration tests: a fault is one thing that goes wrong in them."""

import functools
import io
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from fmops.core import clock, log, wiring
from fmops.usecases import store as usecases
from tests.fakes.dynamo import OneAtATime
from tests.fakes.run import use_case
from tests.integration.account import ACCOUNT, REGION, Account
from tests.integration.approval.conftest import Desk, desk, later, one_at_a_time
from tests.integration.conftest import account
from tests.integration.drops import Drops
from tests.integration.evaluation.conftest import evaluation
from tests.integration.evaluation.test_evaluation_journey import journey
from tests.integration.release.conftest import yard
from tests.unit.launches.conftest import bench

__all__ = [
    "account",
    "asked",
    "bench",
    "desk",
    "drop",
    "evaluation",
    "journey",
    "later",
    "one_at_a_time",
    "yard",
]

ANN, BOB = "ann@example.org", "bob@example.org"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:fmops-evaluation"


@pytest.fixture
def drop(account: Account, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Drops:
    """Puts datasets into the bucket."""
    # Before the ledger is made: deliveries at once must not come between the two steps of moto's writes.
    clients = {"dynamodb": OneAtATime(account.dynamodb)}
    real = wiring.client
    monkeypatch.setattr(wiring, "client", functools.cache(lambda service: clients.get(service) or real(service)))
    return Drops(account, repo)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the approval's functions log."""
    stream = io.StringIO()
    monkeypatch.setattr(log.logger("approval").registered_handler, "stream", stream)
    return stream


@pytest.fixture
def asked(desk: Desk) -> dict[str, str]:
    """The links of two approvers who were asked about a run."""
    desk.confirm(ANN, BOB)
    desk.ask()
    return {"ann": desk.link(ANN), "bob": desk.link(BOB)}


class Started:
    """Delivers our events, and knows the executions that there are of it."""

    def __init__(self, account: Account) -> None:
        self._steps = boto3.client("stepfunctions")
        self._start = account.handler("intake/start_evaluations")
        wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
        self._steps.create_state_machine(
            name="fmops-evaluation", definition=json.dumps(wait), roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine"
        )

    def __call__(self, kind: str, detail: dict[str, Any], event_id: str = "id-1") -> None:
        self._start({"id": event_id, "detail-type": kind, "detail": detail}, None)

    @property
    def executions(self) -> list[str]:
        return [found["name"] for found in self._steps.list_executions(stateMachineArn=MACHINE)["executions"]]


@pytest.fixture
def started(account: Account, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Starts runs of the use case `trivia`."""
    monkeypatch.setenv("FMOPS_EVALUATION_MACHINE", MACHINE)
    usecases.save(wiring.ledger(), use_case(), clock.now())
    return Started(account)
