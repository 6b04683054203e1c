"""Fault 15: spot instances for a training that keeps no checkpoints. Refused before anything is launched."""

import pytest

from fmops.core.errors import LaunchRefused, UseCaseInvalid
from fmops.usecases.store import check
from tests.fakes.run import TUNE, use_case
from tests.unit.launches.conftest import NOW, Bench, training


def test_fault_15_use_case_that_asks_for_it_is_refused() -> None:
    document = use_case().model_dump(mode="json")
    document["candidates"][1]["tune"] = {**TUNE, "spot": True, "checkpoints": False}

    with pytest.raises(UseCaseInvalid, match=r"candidates\.1\.tune: spot without checkpoints"):
        check(document)


def test_fault_15_without_spot_no_checkpoint_is_needed() -> None:
    document = use_case().model_dump(mode="json")
    document["candidates"][1]["tune"] = {**TUNE, "spot": False, "checkpoints": False}

    assert check(document).candidates[1].id == "tuned"


def test_fault_15_request_of_any_trainer_is_refused_before_it_is_sent(bench: Bench) -> None:
    launch = training(
        EnableManagedSpotTraining=True, StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}
    )

    with pytest.raises(LaunchRefused, match="an interruption would lose its work"):
        bench.launcher.launch(launch, NOW)

    assert bench.aws.created == []
    assert bench.purse.open() == []
