"""Fault 13: a job is `Stopped` at its time limit, and AWS says no word why. A failure: no pass, and no waiting."""

from tests.integration.evaluation.conftest import PREFIX, RUN
from tests.integration.evaluation.test_evaluation_journey import Journey
from tests.unit.launches.conftest import NOW, Bench, training


def test_fault_13_scoring_job_that_was_stopped_fails_its_candidate(journey: Journey) -> None:
    journey.failing[f"{PREFIX}-score-{RUN}-base"] = {"ProcessingJobStatus": "Stopped"}

    shown = journey.run()

    assert shown["status"] == "FAILED"
    assert "ended as Stopped: it was stopped, by its time limit or by somebody" in shown["cause"]
    assert journey.evaluation.record("RUN")["verdict"] is None
    assert journey.evaluation.sagemaker.running() == []


def test_fault_13_training_that_left_a_model_at_its_limit_is_a_failure_all_the_same(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    limit = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}
    bench.aws.end("training_job", training().name, **limit)

    bench.callbacks.resume(training().name, NOW)

    [(_, error, cause)] = bench.states.failures
    assert error == "JobFailed"
    assert "it reached its time limit" in cause
    assert bench.states.successes == []
