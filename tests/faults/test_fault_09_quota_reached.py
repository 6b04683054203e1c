"""Fault 9: `ResourceLimitExceeded`. The next instance type first; then waits with jitter, and a deadline."""

import pytest

from fmops.core.errors import QuotaReached
from fmops.launches.launcher import Launched
from fmops.launches.options import in_order
from tests.fakes.sagemaker import refusal
from tests.faults.ladder import launching, retries
from tests.unit.launches.conftest import Bench

TYPES = in_order(("ml.g5.xlarge", "ml.g5.2xlarge"), spot=True)
LIMIT = "The account-level service limit 'ml.g5.xlarge for spot training job usage' is 0 Instances"


def launch(bench: Bench, task: str = "token-1") -> Launched:
    return launching(bench, TYPES, task)


def used(bench: Bench, name: str) -> tuple[str, bool]:
    request = bench.aws.things["training_job"][name]
    return request["ResourceConfig"]["InstanceType"], request.get("EnableManagedSpotTraining", False)


def test_fault_09_next_type_is_tried_at_once(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", *[refusal("ResourceLimitExceeded", message=LIMIT)] * 2)

    launched = launch(bench)

    # Spot and on demand of the first type are refused.
    assert launched.name.endswith("-3")
    assert used(bench, launched.name) == ("ml.g5.2xlarge", True)
    # What was refused takes no money.
    assert [reserved.name for reserved in bench.purse.open()] == [launched.name]


def test_fault_09_where_no_type_can_be_had_the_state_waits_and_begins_with_the_first(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", *[refusal("ResourceLimitExceeded", message=LIMIT)] * 4)
    with pytest.raises(QuotaReached, match="service limit"):
        launch(bench)

    launched = launch(bench, "token-2")

    assert used(bench, launched.name) == ("ml.g5.xlarge", True)
    assert bench.aws.created == [launched.name]


def test_fault_09_waits_are_jittered_and_end() -> None:
    for state in ("LaunchFineTuning", "StartInference", "LaunchEvaluation"):
        [rule] = [rule for rule in retries(state) if "QuotaReached" in rule["ErrorEquals"]]

        assert rule["JitterStrategy"] == "FULL"
        longest = sum(
            min(rule["IntervalSeconds"] * rule["BackoffRate"] ** i, rule["MaxDelaySeconds"])
            for i in range(rule["MaxAttempts"])
        )
        assert 3600 < longest < 6 * 3600
