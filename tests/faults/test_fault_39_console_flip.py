"""Fault 39: the registry says Approved, and nobody decided. The journey that says so stands in tests/journeys."""

from typing import Any

import pytest

from fmops.approval.models import Status
from fmops.core.errors import NotApproved


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.APPROVED])
def test_fault_39_a_package_without_our_approval_is_refused(yard: Any, status: Status) -> None:
    approved = yard.approve(1, status)

    with pytest.raises(NotApproved, match="Approved in the registry"):
        yard.claim(approved)

    assert yard.endpoint is None


def test_fault_39_a_package_that_nobody_was_asked_about_is_refused(yard: Any) -> None:
    approved = yard.approve(1)
    yard.sagemaker.packages[approved.package_arn]["CustomerMetadataProperties"]["fmops_run_id"] = "run-0000000000ff"

    with pytest.raises(NotApproved, match="nobody was asked"):
        yard.claim(approved)
