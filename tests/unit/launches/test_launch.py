"""A launch happens once, whatever is retried, redriven or sent twice."""

import pytest

from fmops.core.errors import JobFailed, LaunchRefused, NameTaken, QuotaReached
from fmops.launches import records, teardown
from fmops.launches.models import Status
from fmops.launches.sagemaker import SPECIFICATION_TAG
from tests.fakes.sagemaker import refusal
from tests.unit.launches.conftest import NOW, Bench, endpoint, training


def test_launch_writes_the_job_down_with_token_and_execution_before_it_is_created(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", refusal("ThrottlingException"))
    launch = training()

    with pytest.raises(Exception, match="Throttling"):
        bench.launcher.launch(launch, NOW)

    job = records.find(bench.ledger, launch.name)
    assert job is not None
    assert (job.status, job.task_token, job.execution_arn) == (Status.LAUNCHING, "token-1", launch.execution_arn)
    assert bench.aws.created == []


def test_launch_twice_makes_one_job_and_binds_the_newest_token(bench: Bench) -> None:
    bench.launcher.launch(training("token-1"), NOW)

    again = bench.launcher.launch(training("token-2"), NOW)

    job = records.find(bench.ledger, again.name)
    assert again.adopted
    assert len(bench.aws.created) == 1
    assert job is not None
    assert job.task_token == "token-2"


def test_launch_adopts_what_a_crash_left_between_create_and_ledger(bench: Bench) -> None:
    bench.launcher.launch(training("token-1"), NOW)
    forgotten = {"status": Status.LAUNCHING}
    bench.ledger.change(records.key(training().name), forgotten, now=NOW)

    launched = bench.launcher.launch(training("token-2"), NOW)

    assert launched.adopted
    assert len(bench.aws.created) == 1


def test_launch_refuses_a_name_that_the_ledger_knows_with_another_specification(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)

    with pytest.raises(NameTaken):
        bench.launcher.launch(training(StoppingCondition={"MaxRuntimeInSeconds": 60}), NOW)


def test_launch_refuses_a_name_that_stands_for_something_else_in_sagemaker(bench: Bench) -> None:
    launch = training()
    bench.aws.create_training_job(**launch.creates[0].request, Tags=[{"Key": SPECIFICATION_TAG, "Value": "other"}])

    with pytest.raises(NameTaken, match="another specification"):
        bench.launcher.launch(launch, NOW)


def test_launch_that_aws_finds_wrong_is_refused_for_good_and_may_be_tried_again(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", refusal("ValidationException", message="No such image"))

    with pytest.raises(LaunchRefused, match="No such image"):
        bench.launcher.launch(training(), NOW)

    refused = records.find(bench.ledger, training().name)
    assert refused is not None
    assert refused.status is Status.REFUSED
    assert not bench.launcher.launch(training("token-2"), NOW).adopted


def test_launch_beyond_a_quota_says_so(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", refusal("ResourceLimitExceeded", message="limit is 0 Instances"))

    with pytest.raises(QuotaReached, match="limit is 0"):
        bench.launcher.launch(training(), NOW)


def test_launch_after_the_job_ended_tells_the_new_token_at_once(bench: Bench) -> None:
    launch = training("token-1")
    bench.launcher.launch(launch, NOW)
    uri = bench.aws.complete_training(launch.name)
    bench.callbacks.resume(launch.name, NOW)

    bench.launcher.launch(training("token-2"), NOW)

    assert [token for token, _ in bench.states.successes] == ["token-1", "token-2"]
    assert bench.states.successes[1][1]["model_data_uri"] == uri


def test_launch_that_rebinds_looks_once_whether_the_job_has_ended_unheard(bench: Bench) -> None:
    launch = training("token-1")
    bench.launcher.launch(launch, NOW)
    bench.aws.complete_training(launch.name)

    bench.launcher.launch(training("token-2"), NOW)

    assert [token for token, _ in bench.states.successes] == ["token-2"]


def test_launch_of_a_job_that_was_stopped_says_so_instead_of_waiting(bench: Bench) -> None:
    launch = training()
    bench.launcher.launch(launch, NOW)
    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "tuned", NOW)

    with pytest.raises(JobFailed, match="stopped"):
        bench.launcher.launch(training("token-2"), NOW)


def test_endpoint_that_was_deleted_is_launched_anew(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", NOW)

    launched = bench.launcher.launch(endpoint("token-2"), NOW)

    assert not launched.adopted
    assert bench.aws.running() == [launched.name]


def test_launch_tags_what_it_makes_with_run_and_use_case(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)

    for kind in ("model", "endpoint_config", "endpoint"):
        tags = {tag["Key"]: tag["Value"] for tag in bench.aws.things[kind][endpoint().name]["Tags"]}
        assert (tags["fmops:run-id"], tags["fmops:use-case"], tags["fmops:stack"]) == ("run-1", "trivia", "fmops")


def test_task_token_is_not_shown_when_a_launch_is_printed() -> None:
    assert "token-1" not in repr(training())
