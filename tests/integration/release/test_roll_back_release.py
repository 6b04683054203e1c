"""A release that fails leaves what served before, and says why."""

from typing import Any

import pytest

from fmops.core.errors import EndpointBusy


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
    yard.settle()

    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]
    assert yard.champion.release_id == first


def test_a_release_that_deployed_nothing_touches_nothing(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]

    undone = yard.roll_back(second)

    assert undone["action"] == "nothing was deployed"
    assert yard.endpoint["EndpointConfigName"] == yard.record(first)["endpoint_config"]
    assert yard.endpoint["EndpointStatus"] == "InService"


def test_an_update_under_way_is_waited_for(yard: Any) -> None:
    yard.released(yard.approve(1))
    second = yard.claim(yard.approve(2), execution="two")["release_id"]
    yard.prepare(second)
    yard.deploy(second, "t2")

    with pytest.raises(EndpointBusy):
        yard.roll_back(second)

    assert yard.record(second)["status"] == "deploying"


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
