"""A release counts when the endpoint answers as the approved candidate did."""

import json
from typing import Any

import pytest

from fmops.core.errors import VerificationFailed
from tests.integration.doubles import refusal


def test_the_same_answers_verify_a_release(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    found = yard.verify(release_id)

    assert found == {"release_id": release_id, "asked": 4, "answered": 4, "compared": 4, "matched": 4}
    assert yard.record(release_id)["status"] == "verified"


def test_golden_prompts_are_marked_and_decoded_as_in_the_evaluation(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    yard.verify(release_id)

    asked = yard.runtime.asked[0]
    assert asked["InferenceId"] == f"fmops-golden-{release_id}"
    assert json.loads(asked["Body"])["parameters"]["max_new_tokens"] == 16


def test_other_answers_do_not(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))
    yard.runtime.answers = dict.fromkeys(yard.runtime.answers, "nonsense")

    with pytest.raises(VerificationFailed, match="only 0 of 4"):
        yard.verify(release_id)


def test_sampled_answers_may_differ_and_must_not_be_empty(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1, do_sample=True, temperature=0.7))
    yard.runtime.answers = dict.fromkeys(yard.runtime.answers, "something else")
    assert yard.verify(release_id)["compared"] == 0

    yard.runtime.answers = {}
    with pytest.raises(VerificationFailed, match="4 of 4 golden prompts got no answer"):
        yard.verify(release_id)


def test_a_model_that_fails_does_not_verify(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))
    yard.runtime.refuses = refusal("ModelError")

    with pytest.raises(VerificationFailed, match="got no answer"):
        yard.verify(release_id)


def test_an_update_that_aws_took_back_does_not_verify(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")
    yard.settle(works=False)

    with pytest.raises(VerificationFailed, match="not in service with"):
        yard.verify(second)
