"""Only what a person approved may be released."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fmops.approval.models import Approval, Evidence, Status
from fmops.core.errors import NotApproved
from fmops.release.models import Package
from fmops.release.rules import must_be_allowed, must_be_unchanged, release_id

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1"


def package(**changes: Any) -> Package:
    return Package.model_validate({"arn": ARN, "approval_status": "Approved", "container": {}, "facts": {}} | changes)


@pytest.fixture
def approval() -> Approval:
    names = dict.fromkeys(("run_id", "use_case", "candidate", "short_name", "model", "dataset", "verdict"), "x")
    return Approval(
        run_id="run-1",
        use_case="trivia",
        approval_id="run-1",
        candidate="tuned",
        status=Status.APPROVED,
        model_package_arn=ARN,
        digest="sha256:1",
        approvers=[],
        expires_at=datetime(2026, 12, 1, tzinfo=UTC),
        evidence=Evidence.model_validate({**names, "reasons": [], "rows": []}),
        execution_arn="arn",
        task_token="t",
    )


def test_an_approved_package_is_allowed(approval: Approval) -> None:
    assert must_be_allowed(package(), approval) == approval


def test_fault_39_approved_in_the_console_alone_is_not_allowed() -> None:
    with pytest.raises(NotApproved, match="nobody was asked"):
        must_be_allowed(package(), None)


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.EXPIRED])
def test_any_other_decision_is_not_allowed(approval: Approval, status: Status) -> None:
    with pytest.raises(NotApproved, match=f"the decision on run-1 is {status}"):
        must_be_allowed(package(), approval.model_copy(update={"status": status}))


def test_the_approval_of_another_package_is_not_allowed(approval: Approval) -> None:
    with pytest.raises(NotApproved, match="another one"):
        must_be_allowed(package(arn=f"{ARN}1"), approval)


def test_a_package_that_was_rejected_meanwhile_is_not_allowed(approval: Approval) -> None:
    with pytest.raises(NotApproved, match="Rejected in the registry by now"):
        must_be_allowed(package(approval_status="Rejected"), approval)


def test_fault_38_another_digest_is_not_what_was_approved(approval: Approval) -> None:
    must_be_unchanged(package(), approval, "sha256:1")
    with pytest.raises(NotApproved, match="not what was approved"):
        must_be_unchanged(package(), approval, "sha256:2")


def test_a_release_is_named_for_package_and_digest() -> None:
    assert release_id(ARN, "a") == release_id(ARN, "a")
    assert len({release_id(ARN, "a"), release_id(ARN, "b"), release_id(f"{ARN}1", "a")}) == 3
