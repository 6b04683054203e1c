"""The registry and the bus learn what was decided, or that nobody did."""

from datetime import timedelta
from typing import Any

import pytest

from fmops.audit import records as audit
from fmops.audit.chain import Row, Step
from fmops.core import wiring
from tests.integration.approval.conftest import RUN
from tests.integration.doubles import refusal

ANN, PACKAGE = "ann@example.org", "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1"


def asked(desk: Any) -> str:
    desk.confirm(ANN)
    desk.ask()
    desk.account.events()
    token: str = desk.link(ANN)
    return token


def test_an_approval_is_written_to_the_package_and_announced(desk: Any) -> None:
    desk.approve(asked(desk))

    outcome = desk.record()

    assert outcome["decision"] == "approved"
    package = desk.sagemaker.packages[PACKAGE]
    assert package["ModelApprovalStatus"] == "Approved"
    assert package["CustomerMetadataProperties"]["digest"] == "sha256:" + "ab" * 32
    ((kind, detail),) = desk.account.events()
    assert (kind, detail["decision"]) == ("ApprovalDecided", "approved")


def test_recording_twice_announces_once(desk: Any) -> None:
    desk.reject(asked(desk))

    assert desk.record() == desk.record()
    assert len(desk.account.events()) == 1


@pytest.mark.parametrize("told", [True, False], ids=["it died after it was told", "it had died before"])
def test_a_decision_whose_execution_died_is_in_the_audit_before_the_reconciler_announces_it(
    desk: Any, later: Any, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    token = asked(desk)
    desk.tasks.refuses = None if told else refusal("TaskTimedOut", "SendTaskSuccess")
    desk.approve(token)
    assert (desk.account.events(), decisions()) == ([], [])
    monkeypatch.setenv("FMOPS_MAX_RUNS", "4")
    reconcile = desk.account.handler("operations/reconcile")

    later(timedelta(minutes=6))
    found = reconcile({}, None)

    assert (found["noted"], found["announced"]) == ([RUN], ["ApprovalDecided"])
    assert [kind for kind, _ in desk.account.events()] == ["ApprovalDecided"]
    (row,) = decisions()
    assert '"decision":"approved"' in row.facts
    assert reconcile({}, None)["noted"] == []
    # Redriven it says the same once more.
    desk.record()
    assert decisions() == [row]


def decisions() -> list[Row]:
    """The rows about the decision in the run's audit."""
    return [row for row in audit.rows(wiring.ledger(), RUN) if row.step is Step.DECISION]
