"""A release counts when its golden prompts are answered as well as in the evaluation."""

from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.errors import ReleaseTakenBack, VerificationFailed
from fmops.release.places import GoldenPlaces, Stage
from tests.integration.account import ARTIFACTS


def test_equal_scores_verify_a_release(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    found = yard.verify(release_id)

    assert (found["asked"], found["answered"]) == (20, 20)
    assert found["compared"][0]["difference"] == 0
    assert yard.record(release_id)["status"] == "verified"
    assert yard.record(release_id)["verification"]["asked"] == 20
    assert [one["Value"] for one in yard.cloudwatch.told] == [0.0]


def test_the_job_is_told_what_the_evaluations_was_but_for_whom_it_asks(yard: Any) -> None:
    approved = yard.approve(1)
    release_id = yard.deployed(approved)

    yard.verify(release_id)

    job = wiring.store().read_json(GoldenPlaces.of(ARTIFACTS, release_id, Stage.LIVE).job)
    assert job["target"]["endpoint_name"] == "ab12cd34-trivia"
    assert job["target"]["inference_id"] == f"fmops-golden-{release_id}"
    assert job["decoding"]["max_new_tokens"] == 16
    assert job["metrics"] == ["qa_accuracy"]
    (processing,) = yard.sagemaker.made["processing-job"].values()
    assert processing["ProcessingJobName"].startswith("ab12cd34-golden-rel-")


def test_worse_scores_are_a_veto_with_the_numbers(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    with pytest.raises(VerificationFailed, match=r"f1 0\.000 instead of 1\.000 over 20 prompts"):
        yard.verify(release_id, right=0.0)

    assert [one["Value"] for one in yard.cloudwatch.told] == [1.0]
    assert yard.record(release_id)["status"] == "deploying"
    assert yard.record(release_id)["verification"]["compared"][0]["now"] == 0


def test_an_update_that_aws_took_back_is_never_complete(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")
    yard.verify(second)
    yard.cloudwatch.tripped["errors"] = "Threshold Crossed: 0.4 was greater than 0.05"
    yard.settle(works=False)

    with pytest.raises(ReleaseTakenBack, match=r"SageMaker went back after alarm errors: Threshold Crossed: 0\.4"):
        yard.complete(second)
