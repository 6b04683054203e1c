"""The champion's record says what serves, and where monitoring finds its baseline."""

from typing import Any

import pytest

from fmops.core.errors import NotApproved, NotFound


def test_a_verified_release_becomes_the_champion_and_is_announced(yard: Any) -> None:
    approved = yard.approve(1)

    release_id = yard.released(approved)

    champion = yard.champion
    assert (champion.run_id, champion.candidate, champion.digest) == (approved.run_id, "tuned", approved.digest)
    assert champion.endpoint == "ab12cd34-trivia"
    assert champion.capture_uri == "s3://capture-bucket/ab12cd34-trivia/AllTraffic"
    assert champion.answers_uri.endswith("candidates/tuned/results/answers.jsonl")
    assert champion.previous is None
    assert yard.record(release_id)["status"] == "released"
    ((kind, detail),) = yard.account.events()
    assert (kind, detail["release_id"]) == ("ModelReleased", release_id)


def test_completing_twice_changes_and_announces_nothing(yard: Any) -> None:
    release_id = yard.released(yard.approve(1))
    before = yard.champion

    yard.complete(release_id)

    assert yard.champion == before
    assert len(yard.account.events()) == 1


def test_the_next_champion_knows_the_one_before(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.released(yard.approve(2))

    assert yard.champion.release_id == second
    assert yard.champion.previous.release_id == first
    assert len(yard.sagemaker.made["model"]) == 2


def test_one_step_back_is_a_release_of_what_served_before_and_the_way_forward_stays(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.released(yard.approve(2))

    back = yard.step_back("complaints")

    record = yard.record(back)
    assert record["endpoint_config"] == yard.record(first)["endpoint_config"] == yard.endpoint["EndpointConfigName"]
    assert (record["rollback_of"], record["wanted_by"], record["shifting"].split(":")[0]) == (
        second,
        "ann",
        "all_at_once",
    )
    assert yard.champion.release_id == back
    assert yard.champion.previous.release_id == second
    assert len(yard.sagemaker.made["model"]) == 2

    forward = yard.step_back("it was the other thing")

    assert yard.endpoint["EndpointConfigName"] == yard.record(second)["endpoint_config"]
    assert yard.champion.release_id == forward


def test_a_step_back_that_was_taken_back_itself_can_be_asked_for_again(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.released(yard.approve(2))
    failed = yard.claim_back("now")
    yard.prepare(failed)
    yard.deploy(failed, "t")
    yard.settle()
    yard.roll_back(failed)
    assert yard.endpoint["EndpointConfigName"] == yard.record(second)["endpoint_config"]

    again = yard.step_back("once more")

    assert again != failed
    assert yard.champion.release_id == again


def test_what_the_registry_withdrew_does_not_come_back(yard: Any) -> None:
    first = yard.approve(1)
    yard.released(first)
    yard.released(yard.approve(2))
    yard.sagemaker.packages[first.package_arn]["ModelApprovalStatus"] = "Rejected"

    with pytest.raises(NotApproved, match="served before, and is Rejected"):
        yard.claim_back("complaints")


def test_there_is_no_step_back_from_a_first_release(yard: Any) -> None:
    yard.released(yard.approve(1))

    with pytest.raises(NotFound, match="serves its first release"):
        yard.claim_back("complaints")
