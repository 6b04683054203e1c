"""Fault 10: AWS takes a job and finds no instance for it. A bounded, recorded attempt on the next instance type."""

import pytest

from fmops.core.errors import CapacityUnavailable
from fmops.launches import records
from fmops.launches.options import MOST_ATTEMPTS, in_order
from tests.faults.ladder import is_retried, launching
from tests.integration.evaluation.conftest import PREFIX, RUN
from tests.integration.evaluation.test_evaluation_journey import Journey
from tests.unit.launches.conftest import NOW, Bench

TYPES = in_order(("ml.g5.xlarge", "ml.g5.2xlarge"), spot=True)
SHORTAGE = {
    "TrainingJobStatus": "Failed",
    "FailureReason": "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different "
    "ML instance type.",
    "TrainingTimeInSeconds": 0,
}


def test_fault_10_each_attempt_is_on_the_next_type_and_is_in_the_ledger(bench: Bench) -> None:
    for attempt in range(3):
        launched = launching(bench, TYPES, f"token-{attempt}")
        bench.aws.end("training_job", launched.name, **SHORTAGE)
        bench.callbacks.resume(launched.name, NOW)
    launching(bench, TYPES, "token-3")

    jobs = records.of_run(bench.ledger, "run-1")
    assert [(job.cost.instance_type, job.cost.spot) for job in jobs if job.cost] == [
        ("ml.g5.xlarge", True),
        ("ml.g5.xlarge", False),
        ("ml.g5.2xlarge", True),
        ("ml.g5.2xlarge", False),
    ]
    assert [error for _, error, _ in bench.states.failures] == ["CapacityUnavailable"] * 3
    # What had no instance cost nothing; only the last is reserved.
    assert bench.purse.of_run("run-1").settled == 0
    assert [reserved.name for reserved in bench.purse.open()] == [jobs[-1].name]


def test_fault_10_spot_that_waited_in_vain_goes_on_demand(bench: Bench) -> None:
    launched = launching(bench, TYPES)
    waited = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
    bench.aws.end("training_job", launched.name, **waited)
    bench.callbacks.resume(launched.name, NOW)

    launched = launching(bench, TYPES, "token-2")

    request = bench.aws.things["training_job"][launched.name]
    assert "EnableManagedSpotTraining" not in request


def test_fault_10_attempts_end(bench: Bench) -> None:
    for attempt in range(MOST_ATTEMPTS):
        launched = launching(bench, TYPES, f"token-{attempt}")
        bench.aws.end("training_job", launched.name, **SHORTAGE)
        bench.callbacks.resume(launched.name, NOW)
    before = list(bench.aws.created)

    launching(bench, TYPES, "token-last")

    # Nothing new: the last attempt's failure is told again.
    assert len(before) == MOST_ATTEMPTS
    assert bench.aws.created == before
    assert bench.states.failures[-1][:2] == ("token-last", "CapacityUnavailable")


def test_fault_10_retry_of_the_state_adopts_the_attempt_that_runs(bench: Bench) -> None:
    first = launching(bench, TYPES)
    bench.aws.end("training_job", first.name, **SHORTAGE)
    bench.callbacks.resume(first.name, NOW)
    second = launching(bench, TYPES, "token-2")

    again = launching(bench, TYPES, "token-3")

    assert again.name == second.name
    assert again.adopted
    assert len(bench.aws.created) == 2


def test_fault_10_endpoint_without_capacity_is_made_anew_and_the_run_goes_on(journey: Journey) -> None:
    name = f"{PREFIX}-eval-{RUN}-base"
    journey.failing[name] = {
        "EndpointStatus": "Failed",
        "FailureReason": "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
    }
    execution = journey.start()
    journey.pass_time(lambda: f"{name}-2" in journey.evaluation.sagemaker.created)

    shown = journey.ended(execution)

    assert shown["status"] == "SUCCEEDED", shown.get("cause")
    # The one that failed is deleted, too.
    assert journey.evaluation.sagemaker.things["endpoint"] == {}


@pytest.mark.parametrize("state", ["LaunchFineTuning", "StartInference", "LaunchEvaluation"])
def test_fault_10_every_state_that_launches_tries_again(state: str) -> None:
    assert is_retried(state, CapacityUnavailable)
