"""Fault 38: what is to be released is not what was approved any more."""

from typing import Any

import pytest

from fmops.core.errors import NotApproved
from tests.fakes.weights import safetensors


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "added.json"])
def test_fault_38_weights_that_were_replaced_after_the_approval_are_refused(yard: Any, name: str) -> None:
    approved = yard.approve(1)
    place = approved.weights._replace(key=approved.weights.key.replace("model.safetensors", name))
    yard.account.s3.put_object(Bucket=place.bucket, Key=place.key, Body=safetensors(2))

    with pytest.raises(NotApproved, match="not what was approved"):
        yard.claim(approved)

    assert yard.endpoint is None


def test_fault_38_the_same_bytes_in_a_new_version_are_refused_too(yard: Any) -> None:
    approved = yard.approve(1)
    yard.account.s3.put_object(Bucket=approved.weights.bucket, Key=approved.weights.key, Body=safetensors())

    with pytest.raises(NotApproved, match="not what was approved"):
        yard.claim(approved)


def test_fault_38_a_package_with_the_digest_of_another_is_refused(yard: Any) -> None:
    approved, other = yard.approve(1), yard.approve(2)
    package = yard.sagemaker.packages[approved.package_arn]
    package["InferenceSpecification"] = yard.sagemaker.packages[other.package_arn]["InferenceSpecification"]

    with pytest.raises(NotApproved):
        yard.claim(approved)


def test_fault_38_a_package_that_claims_the_run_of_another_is_refused(yard: Any) -> None:
    approved, other = yard.approve(1), yard.approve(2)
    facts = yard.sagemaker.packages[other.package_arn]["CustomerMetadataProperties"]
    yard.sagemaker.packages[approved.package_arn]["CustomerMetadataProperties"] = facts

    with pytest.raises(NotApproved, match="another one"):
        yard.claim(approved)
