"""Fault 36: nobody answers."""

from fmops.alerts.messages import of_event
from fmops.alerts.models import Alert
from tests.integration.approval.conftest import PACKAGE, Desk


def test_fault_36_nobodys_decision_is_a_rejection_and_said_so(desk: Desk, asked: dict[str, str]) -> None:
    desk.account.events()

    outcome = desk.record()

    assert outcome["decision"] == "expired"
    assert desk.sagemaker.packages[PACKAGE]["ModelApprovalStatus"] == "Rejected"
    ((kind, detail),) = desk.account.events()
    assert (kind, detail["decision"], detail["reason"]) == ("ApprovalDecided", "expired", "nobody decided in time")
    (alert,) = of_event(kind, detail)
    assert isinstance(alert, Alert)
    assert (alert.severity, alert.subject) == ("WARNING", "Approval for trivia expired")


def test_fault_36_a_decision_after_the_end_is_too_late(desk: Desk, asked: dict[str, str]) -> None:
    desk.record()

    answer = desk.approve(asked["ann"])

    assert answer["statusCode"] == 409
    assert "closed without a decision" in answer["body"]
