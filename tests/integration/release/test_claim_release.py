"""Only what a person approved is released, and only once."""

import json
from pathlib import Path
from typing import Any

import pytest

from fmops.approval.models import Status
from fmops.core.errors import NotApproved


def test_an_approved_package_is_claimed(yard: Any) -> None:
    approved = yard.approve(1)

    claimed = yard.claim(approved)

    assert claimed["duplicate"] is False
    assert claimed["candidate"] == "tuned"
    assert claimed["digest"] == approved.digest
    assert yard.record(claimed["release_id"])["status"] == "claimed"


def test_the_same_news_twice_is_a_duplicate(yard: Any) -> None:
    approved = yard.approve(1)
    yard.claim(approved, "one")

    assert yard.claim(approved, "two")["duplicate"] is True


def test_a_redriven_execution_may_claim_again(yard: Any) -> None:
    approved = yard.approve(1)
    yard.claim(approved, "one")

    assert yard.claim(approved, "one")["duplicate"] is False


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.EXPIRED])
def test_fault_39_the_registry_alone_releases_nothing(yard: Any, status: Status) -> None:
    with pytest.raises(NotApproved):
        yard.claim(yard.approve(1, status))

    assert yard.endpoint is None


def test_a_package_of_somebody_else_is_refused(yard: Any) -> None:
    approved = yard.approve(1)
    yard.sagemaker.packages[approved.package_arn]["CustomerMetadataProperties"] = {}

    with pytest.raises(NotApproved, match="no run of ours"):
        yard.claim(approved)


def test_a_package_that_is_gone_is_refused(yard: Any) -> None:
    approved = yard.approve(1)
    yard.sagemaker.packages.clear()

    with pytest.raises(NotApproved, match="not in the registry any more"):
        yard.claim(approved)


def test_fault_38_replaced_weights_are_refused(yard: Any) -> None:
    approved = yard.approve(1)
    yard.account.s3.put_object(Bucket=approved.weights.bucket, Key=approved.weights.key, Body=b"weightz")

    with pytest.raises(NotApproved, match="not what was approved"):
        yard.claim(approved)


def test_an_added_file_is_refused(yard: Any) -> None:
    approved = yard.approve(1)
    place = approved.weights._replace(key=approved.weights.key.replace("model.safetensors", "more.py"))
    yard.account.s3.put_object(Bucket=place.bucket, Key=place.key, Body=b"import os")

    with pytest.raises(NotApproved):
        yard.claim(approved)


@pytest.mark.parametrize(
    "change",
    [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:2"}, {"Environment": {"SM_NUM_GPUS": "2"}}],
)
def test_another_container_is_refused(yard: Any, change: dict[str, Any]) -> None:
    approved = yard.approve(1)
    yard.sagemaker.packages[approved.package_arn]["InferenceSpecification"]["Containers"][0] |= change

    with pytest.raises(NotApproved, match="not what was approved"):
        yard.claim(approved)


def test_the_golden_event_names_what_the_journey_reads(repo: Path) -> None:
    event = json.loads((repo / "events/model-package-approved.json").read_text())

    assert event["detail"]["ModelApprovalStatus"] == "Approved"
    assert event["detail"]["ModelPackageArn"] in event["resources"]
