"""The waiting execution hears once how its job ended, and in a sentence why."""

import pytest

from fmops.launches import records, teardown
from fmops.launches.callbacks import Resumed
from fmops.launches.models import Status
from tests.unit.launches.conftest import NOW, Bench, endpoint, training


def test_resume_ignores_what_is_not_ours(bench: Bench) -> None:
    assert bench.callbacks.resume("ab12cd34-somebody-elses", NOW) is Resumed.NOT_OURS


def test_resume_waits_while_the_job_runs(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)

    assert bench.callbacks.resume(training().name, NOW) is Resumed.NOT_OVER
    assert bench.states.successes == []


def test_resume_hands_the_model_of_a_complete_training_job_on(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    uri = bench.aws.complete_training(training().name)

    assert bench.callbacks.resume(training().name, NOW) is Resumed.SUCCESS
    assert bench.states.successes == [
        (
            "token-1",
            {"job_name": training().name, "kind": "training", "status": "Completed", "model_data_uri": uri},
        )
    ]


def test_second_event_of_an_end_changes_nothing(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    bench.callbacks.resume(training().name, NOW)

    assert bench.callbacks.resume(training().name, NOW) is Resumed.KNOWN
    assert len(bench.states.successes) == 1


def test_failed_job_fails_its_task_with_the_reason_and_its_name(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.end(
        "training_job", training().name, TrainingJobStatus="Failed", FailureReason="AlgorithmError: loss is not finite"
    )

    assert bench.callbacks.resume(training().name, NOW) is Resumed.FAILURE
    [(token, error, cause)] = bench.states.failures
    assert (token, error) == ("token-1", "JobFailed")
    assert cause == (
        "The training job ab12cd34-tune-run-1-tuned of candidate tuned ended as Failed: "
        "AlgorithmError: loss is not finite"
    )


@pytest.mark.parametrize(
    ("secondary", "said"), [("MaxRuntimeExceeded", "time limit"), ("Stopped", "by its time limit or by somebody")]
)
def test_stopped_job_is_a_failure_whether_a_reason_is_given_or_not(bench: Bench, secondary: str, said: str) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.end("training_job", training().name, TrainingJobStatus="Stopped", SecondaryStatus=secondary)

    bench.callbacks.resume(training().name, NOW)

    assert said in bench.states.failures[0][2]


def test_endpoint_in_service_resumes_with_its_name(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")

    bench.callbacks.resume(endpoint().name, NOW)

    assert bench.states.successes[0][1]["endpoint_name"] == endpoint().name


def test_failed_endpoint_fails_its_task(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end(
        "endpoint",
        endpoint().name,
        EndpointStatus="Failed",
        FailureReason="no health check passed",
    )

    bench.callbacks.resume(endpoint().name, NOW)

    [(_, error, cause)] = bench.states.failures
    assert error == "EndpointFailed"
    assert "no health check passed" in cause


def test_end_that_nobody_waits_for_is_settled(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.states.closed.add("token-1")
    bench.aws.complete_training(training().name)

    bench.callbacks.resume(training().name, NOW)

    job = records.find(bench.ledger, training().name)
    assert job is not None
    assert job.status is Status.ANSWERED


def test_answer_that_failed_is_sent_again_from_the_ledger(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    bench.states.broken = 1
    with pytest.raises(Exception, match="InternalServerError"):
        bench.callbacks.resume(training().name, NOW)

    assert bench.callbacks.resume(training().name, NOW) is Resumed.SUCCESS
    assert len(bench.states.successes) == 1


def test_late_news_of_a_stopped_job_is_known(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "tuned", NOW)

    assert bench.callbacks.resume(training().name, NOW) is Resumed.KNOWN
    assert bench.states.failures == []
