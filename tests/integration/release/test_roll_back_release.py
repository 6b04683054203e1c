"""A release that fails leaves what served before, and says why."""

from typing import Any

import pytest

from fmops.core.errors import EndpointBusy, RollbackIncomplete


def test_a_first_release_leaves_no_endpoint(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    undone = yard.roll_back(release_id)

    assert yard.endpoint is None
    assert "deleted" in undone["action"]
    record = yard.record(release_id)
    assert (record["status"], record["reason"]) == ("rolled_back", "VerificationFailed: it answers nonsense")
    assert yard.champion is None
    ((kind, detail),) = yard.account.events()
    assert (kind, detail["reason"]) == ("ReleaseRolledBack", "VerificationFailed: it answers nonsense")


def test_an_endpoint_that_failed_is_deleted(yard: Any) -> None:
    release_id = yard.claim(yard.approve(1))["release_id"]
    yard.prepare(release_id)
    yard.deploy(release_id, "t1")
    yard.settle(works=False)

    yard.roll_back(release_id)

    assert yard.endpoint is None


def test_a_later_release_goes_back_to_the_one_before(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.deployed(yard.approve(2))

    yard.roll_back(second)

    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]
    assert yard.champion.release_id == first


def test_a_release_that_deployed_nothing_touches_nothing(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]

    undone = yard.roll_back(second)

    assert undone["action"] == "nothing was deployed"
    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]
    assert yard.endpoint["EndpointStatus"] == "InService"


def test_an_update_under_way_is_taken_back_by_its_own_alarm(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")

    begun = yard.go_back(second)
    assert begun["waits"]
    assert [one["Value"] for one in yard.cloudwatch.told][-1] == 1.0
    with pytest.raises(RollbackIncomplete):
        yard.confirm(second)
    yard.settle(works=False)

    assert yard.tasks.succeeded[-1][0] == "back"
    yard.confirm(second)
    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]


def test_an_update_that_ended_well_in_the_same_moment_is_undone_by_another(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")
    yard.go_back(second)
    yard.settle()
    with pytest.raises(RollbackIncomplete, match="it should be in service with"):
        yard.confirm(second)

    yard.roll_back(second)

    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]
    assert yard.record(second)["status"] == "rolled_back"


def test_somebody_elses_update_is_left_alone(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.sagemaker.update_endpoint(EndpointName="ab12cd34-trivia", EndpointConfigName="by-hand")
    with pytest.raises(EndpointBusy):
        yard.deploy(second, "t2")

    undone = yard.roll_back(second)

    assert "which is not this release's" in undone["action"]
    assert yard.endpoint["EndpointConfigName"] == "by-hand"


def test_a_first_endpoint_that_is_still_being_created_is_tried_again(yard: Any) -> None:
    first = yard.claim(yard.approve(1))["release_id"]
    yard.prepare(first)
    yard.deploy(first, "t1")

    with pytest.raises(EndpointBusy, match="can't be deleted yet"):
        yard.go_back(first)
    yard.settle()
    yard.roll_back(first)

    assert yard.endpoint is None


def test_why_names_the_alarms_with_their_numbers(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.deployed(yard.approve(2))
    yard.cloudwatch.tripped["errors"] = "Threshold Crossed: 0.4 was greater than 0.05"

    reason = yard.roll_back(second)["reason"]

    assert reason.startswith("VerificationFailed: it answers nonsense; alarm errors: Threshold Crossed: 0.4")
    assert yard.record(second)["tripped"] == ["errors: Threshold Crossed: 0.4 was greater than 0.05"]


def test_an_update_that_aws_took_back_is_left_so(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")
    yard.settle(works=False)

    yard.roll_back(second)

    assert yard.endpoint["EndpointStatus"] == "InService"
    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]


def test_rolling_back_twice_announces_once(yard: Any) -> None:
    release_id = yard.deployed(yard.approve(1))

    assert yard.roll_back(release_id)["reason"] == yard.roll_back(release_id)["reason"]
    assert len(yard.account.events()) == 1
