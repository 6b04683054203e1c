"""Fault 5: the function dies between AWS' answer and its own note of it. What is there is adopted."""

import pytest

from fmops.launches import records
from fmops.launches.models import Status
from tests.unit.launches.conftest import NOW, Bench, training


class Died(Exception):
    """The process is gone."""


def test_fault_05_job_that_was_made_before_the_crash_is_adopted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bench.aws._create

    def create_and_die(*call: object) -> None:
        real(*call)  # type: ignore[arg-type]
        raise Died

    with monkeypatch.context() as crash:
        crash.setattr(bench.aws, "_create", create_and_die)
        with pytest.raises(Died):
            bench.launcher.launch(training("token-1"), NOW)

    launched = bench.launcher.launch(training("token-2"), NOW)

    job = records.find(bench.ledger, training().name)
    assert launched.adopted
    assert bench.aws.created == [training().name]
    assert job is not None
    assert (job.status, job.task_token) == (Status.RUNNING, "token-2")
    # Reserved once, though it was launched twice.
    assert len(bench.purse.open()) == 1
