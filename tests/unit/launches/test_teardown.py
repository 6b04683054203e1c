"""What a run started, it stops."""

import pytest

from fmops.launches import records, teardown
from fmops.launches.models import Status
from tests.fakes.sagemaker import refusal
from tests.unit.launches.conftest import NOW, Bench, endpoint, training


def test_release_deletes_endpoint_configuration_and_model(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)

    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    assert all(not bench.aws.things[kind] for kind in ("endpoint", "endpoint_config", "model"))


def test_release_twice_is_no_harm(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)

    for _ in range(2):
        names = teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    assert names == [endpoint().name]


def test_release_stops_a_job_that_still_runs(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)

    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "tuned", NOW)

    assert bench.aws.running() == []


def test_release_leaves_other_candidates_alone(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.launcher.launch(training(), NOW)

    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    assert bench.aws.running() == [training().name]


def test_release_leaves_what_serves_production_alone(bench: Bench) -> None:
    bench.launcher.launch(endpoint(temporary=False), NOW)

    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    assert bench.aws.running() == [endpoint().name]


def test_release_that_fails_half_way_is_finished_the_next_time(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.refuse("delete_endpoint_config", refusal("ThrottlingException"))
    with pytest.raises(Exception, match="Throttling"):
        teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    job = records.find(bench.ledger, endpoint().name)
    assert not bench.aws.things["model"]
    assert job is not None
    assert job.status is Status.RELEASED


def test_endpoint_that_can_not_be_deleted_now_is_an_error_not_a_success(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.refuse("delete_endpoint", refusal("ValidationException", message="endpoint is being created"))

    with pytest.raises(Exception, match="being created"):
        teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)
