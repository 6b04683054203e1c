"""What serves no more is kept for the use case's days, one step back always; a removal that fails is tried again."""

from datetime import timedelta
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.release import records
from fmops.release.models import Release, Status
from fmops.release.retention import Cleared, clear, shelve
from fmops.serving.live import LiveEndpoints
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.integration.doubles import refusal
from tests.integration.release.conftest import ENDPOINT, GROUP, USE_CASE


def cleared(yard: Any, days: float) -> Cleared:
    """What the reconciler clears so many days from now."""
    return clear(wiring.ledger(), LiveEndpoints(yard.sagemaker), clock.now() + timedelta(days=days))


def release(release_id: str, **members: Any) -> Release:
    return Release(
        release_id=release_id,
        run_id="run-1",
        use_case="trivia",
        candidate="tuned",
        status=Status.CLAIMED,
        model_package_arn=f"{GROUP}/1",
        digest="sha256:0",
        execution_arn="arn",
        owner="arn",
        started_at=clock.iso(clock.now()),
        endpoint=ENDPOINT,
        **members,
    )


def shelved(yard: Any, release_id: str = "rel-1", days: float = 0) -> str:
    """A model and its configuration that a release put on the shelf, so many days from now."""
    name = "ab12cd34-trivia-old"
    if name not in yard.sagemaker.made["model"]:
        yard.sagemaker.create_model(ModelName=name)
        variant = {"VariantName": "AllTraffic", "ModelName": name}
        yard.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    assert shelve(wiring.ledger(), release(release_id), name, clock.now() + timedelta(days=days)) == name
    return name


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


def test_one_step_back_stays_whatever_the_days_and_what_was_taken_back_goes(yard: Any) -> None:
    first, second = yard.released(yard.approve(1)), yard.released(yard.approve(2))
    third = yard.deployed(yard.approve(3))
    yard.roll_back(third)

    assert cleared(yard, 4000).removed == [config(yard, third)]
    assert made(yard) == {config(yard, first), config(yard, second)}
    assert yard.champion.release_id == second


def test_what_came_back_since_is_not_removed(yard: Any) -> None:
    old = shelved(yard)
    yard.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=old)

    assert cleared(yard, 8) == Cleared(removed=[], failed=[])
    assert made(yard) == {old}


def test_nothing_goes_that_a_release_under_way_may_go_back_to(yard: Any) -> None:
    old = shelved(yard)
    records.claim(wiring.ledger(), release("rel-2", previous_config=old), clock.now())

    assert cleared(yard, 8) == Cleared(removed=[], failed=[])


def test_a_removal_that_fails_is_tried_again(yard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = shelved(yard)

    def refuse(**_: Any) -> None:
        raise refusal("ThrottlingException", "DeleteModel")

    with monkeypatch.context() as patch:
        patch.setattr(yard.sagemaker, "delete_model", refuse)
        assert cleared(yard, 8) == Cleared(removed=[], failed=[old])

    # The configuration was gone already; the model goes now.
    assert cleared(yard, 8.1) == Cleared(removed=[old], failed=[])
    assert made(yard) == set()


def test_told_again_by_the_same_release_its_days_do_not_begin_anew(yard: Any) -> None:
    old = shelved(yard)

    shelved(yard, days=5)
    assert cleared(yard, 7.1).removed == [old]


def test_told_by_another_release_they_do(yard: Any) -> None:
    shelved(yard)

    shelved(yard, release_id="rel-2", days=5)
    assert cleared(yard, 7.1).removed == []


def test_what_is_not_the_stacks_is_left_alone(yard: Any) -> None:
    assert shelve(wiring.ledger(), release("rel-1"), "somebody-elses", clock.now()) is None
    assert cleared(yard, 8) == Cleared(removed=[], failed=[])


def test_a_use_case_says_how_long(yard: Any) -> None:
    document = {**USE_CASE, "release": {**USE_CASE["release"], "keep_days": 0}}  # type: ignore[dict-item]
    save(wiring.ledger(), UseCase.model_validate(document), clock.now())

    assert shelved(yard) in cleared(yard, 0.01).removed
