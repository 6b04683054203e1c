"""Fault 7: `ResourceInUse` for a job of the same specification is a success."""

import pytest

from fmops.launches import records
from fmops.launches.models import Launch, Status
from fmops.launches.sagemaker import SPECIFICATION_TAG
from tests.unit.launches.conftest import NOW, Bench, endpoint, training


@pytest.mark.parametrize("launch", [training(), endpoint()], ids=["job", "endpoint"])
def test_fault_07_what_is_there_with_the_same_specification_is_taken(bench: Bench, launch: Launch) -> None:
    # Made by a call of which nobody knows any more, so the ledger has never heard of it.
    for create in launch.creates:
        tags = [{"Key": SPECIFICATION_TAG, "Value": records.specification(launch)}]
        getattr(bench.aws, create.operation)(**create.request, Tags=tags)
    before = list(bench.aws.created)

    launched = bench.launcher.launch(launch, NOW)

    job = records.find(bench.ledger, launch.name)
    assert launched.adopted
    assert bench.aws.created == before
    assert job is not None
    assert job.status is Status.RUNNING
