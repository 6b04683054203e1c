"""The registry and the bus learn what was decided, or that nobody did."""

from typing import Any

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


def test_fault_36_nobodys_decision_is_a_rejection_and_said_so(desk: Any) -> None:
    asked(desk)

    outcome = desk.record()

    assert outcome["decision"] == "expired"
    assert desk.sagemaker.packages[PACKAGE]["ModelApprovalStatus"] == "Rejected"
    ((kind, detail),) = desk.account.events()
    assert (kind, detail["decision"]) == ("ApprovalDecided", "expired")


def test_a_decision_after_the_end_of_the_wait_is_too_late(desk: Any) -> None:
    link = asked(desk)
    desk.record()

    answer = desk.approve(link)

    assert answer["statusCode"] == 409
    assert "closed without a decision" in answer["body"]


def test_recording_twice_announces_once(desk: Any) -> None:
    desk.reject(asked(desk))

    assert desk.record() == desk.record()
    assert len(desk.account.events()) == 1
