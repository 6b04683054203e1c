"""The registry learns the decision in a form that it takes."""

from datetime import UTC, datetime

import pytest

from fmops.approval.models import Approval, Status
from fmops.approval.registry import update_request

DECIDED_AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_an_approval_is_written_with_digest_and_who(approval: Approval) -> None:
    decided = {"status": Status.APPROVED, "decided_by": "a" * 16, "decided_at": DECIDED_AT, "reason": "good\nenough"}

    request = update_request(approval.model_copy(update=decided))

    assert request["ModelPackageArn"] == approval.model_package_arn
    assert request["ModelApprovalStatus"] == "Approved"
    assert request["ApprovalDescription"] == "approved by a…@example.org (run-0123456789ab): good enough"
    assert request["CustomerMetadataProperties"]["digest"] == approval.digest
    assert request["CustomerMetadataProperties"]["fmops_decided_by"] == "a" * 16


@pytest.mark.parametrize("status", [Status.REJECTED, Status.EXPIRED])
def test_anything_else_is_a_rejection(approval: Approval, status: Status) -> None:
    decided = {"status": status, "decided_at": DECIDED_AT, "reason": "x" * 5000}

    request = update_request(approval.model_copy(update=decided))

    assert request["ModelApprovalStatus"] == "Rejected"
    assert len(request["ApprovalDescription"]) <= 1024


def test_an_undecided_approval_is_not_written(approval: Approval) -> None:
    with pytest.raises(ValueError, match="not decided"):
        update_request(approval)
