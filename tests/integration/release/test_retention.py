"""What serves no more is kept for the use case's days, one step back always; a removal that fails is tried again."""

from datetime import timedelta
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.release.records import key
from fmops.release.retention import Cleared, clear
from fmops.serving.live import LiveEndpoints
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.integration.doubles import refusal
from tests.integration.release.conftest import USE_CASE


def cleared(yard: Any, days: float) -> Cleared:
    """What the reconciler clears so many days from now."""
    return clear(wiring.ledger(), LiveEndpoints(yard.sagemaker), clock.now() + timedelta(days=days))


def config(yard: Any, release_id: str) -> str:
    return str(yard.record(release_id)["endpoint_config"])


def made(yard: Any) -> set[str]:
    models, configs = set(yard.sagemaker.made["model"]), set(yard.sagemaker.made["endpoint-config"])
    assert models == configs
    return configs


def test_what_served_two_releases_ago_goes_after_its_days(yard: Any) -> None:
    first, second, third = (config(yard, yard.released(yard.approve(number))) for number in (1, 2, 3))

    assert cleared(yard, 6.9) == Cleared(removed=[], failed=[])
    assert made(yard) == {first, second, third}

    assert cleared(yard, 7.1) == Cleared(removed=[first], failed=[])
    assert made(yard) == {second, third}
    assert cleared(yard, 7.2) == Cleared(removed=[], failed=[])


def test_one_step_back_stays_whatever_the_days(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.released(yard.approve(2))

    cleared(yard, 4000)

    assert made(yard) == {config(yard, first), config(yard, second)}
    assert config(yard, yard.step_back("complaints")) == config(yard, first)


def test_what_came_back_since_is_not_removed(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.deployed(yard.approve(2))
    yard.roll_back(second)
    # Somebody releases by hand what the system had taken back.
    yard.sagemaker.update_endpoint(EndpointName=yard.champion.endpoint, EndpointConfigName=config(yard, second))

    assert cleared(yard, 8) == Cleared(removed=[], failed=[])
    assert made(yard) == {config(yard, first), config(yard, second)}


def test_what_was_made_for_a_release_that_was_taken_back_goes_too(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.deployed(yard.approve(2))
    yard.roll_back(second)

    assert cleared(yard, 8).removed == [config(yard, second)]
    assert made(yard) == {config(yard, first)}


def test_nothing_goes_that_a_release_under_way_may_go_back_to(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    for number in (2, 3):
        yard.released(yard.approve(number))
    back = yard.claim(yard.approve(4), execution="four")["release_id"]
    yard.prepare(back)
    # As where somebody had updated the endpoint by hand.
    wiring.ledger().change(key(back), {"previous_config": config(yard, first)}, now=clock.now())

    assert cleared(yard, 8) == Cleared(removed=[], failed=[])


def test_a_removal_that_fails_is_tried_again(yard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = config(yard, yard.released(yard.approve(1)))
    for number in (2, 3):
        yard.released(yard.approve(number))

    def refuse(**_: Any) -> None:
        raise refusal("ThrottlingException", "DeleteModel")

    with monkeypatch.context() as patch:
        patch.setattr(yard.sagemaker, "delete_model", refuse)
        assert cleared(yard, 8) == Cleared(removed=[], failed=[first])

    # The configuration was gone already; the model goes now.
    assert cleared(yard, 8.1) == Cleared(removed=[first], failed=[])
    assert first not in made(yard)


def test_completing_again_does_not_begin_the_days_anew(yard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = config(yard, yard.released(yard.approve(1)))
    yard.released(yard.approve(2))
    third = yard.released(yard.approve(3))
    now = clock.now()
    monkeypatch.setattr(clock, "_source", lambda: now + timedelta(days=5))

    yard.complete(third)

    assert cleared(yard, 2.1).removed == [first]


def test_a_use_case_says_how_long(yard: Any) -> None:
    document = {**USE_CASE, "release": {**USE_CASE["release"], "keep_days": 0}}  # type: ignore[dict-item]
    save(wiring.ledger(), UseCase.model_validate(document), clock.now())
    first = config(yard, yard.released(yard.approve(1)))
    for number in (2, 3):
        yard.released(yard.approve(number))

    assert cleared(yard, 0.01).removed == [first]
