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


def test_recording_twice_announces_once(desk: Any) -> None:
    desk.reject(asked(desk))

    assert desk.record() == desk.record()
    assert len(desk.account.events()) == 1
