"""Fault 17: `InProgress` comes after `Completed`. The end stands."""

from fmops.launches import records
from fmops.launches.callbacks import Resumed
from fmops.launches.models import Status
from tests.integration.evaluation.conftest import PREFIX, RUN, Evaluation
from tests.unit.launches.conftest import NOW, Bench, training

NAME = f"{PREFIX}-tune-{RUN}-tuned"


def test_fault_17_late_news_of_a_job_that_was_told_changes_nothing(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    bench.callbacks.resume(training().name, NOW)
    # As Describe may answer for a moment: it is consistent in the end only.
    bench.aws.end("training_job", training().name, TrainingJobStatus="InProgress")

    led_to = bench.callbacks.resume(training().name, NOW)

    job = records.find(bench.ledger, training().name)
    assert led_to is Resumed.KNOWN
    assert job is not None
    assert job.status is Status.ANSWERED
    assert len(bench.states.successes) == 1
    assert bench.states.failures == []


def test_fault_17_late_event_leads_the_function_to_nothing(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")
    evaluation.sagemaker.complete_training(NAME)
    evaluation.news("TrainingJobName", NAME)

    # The golden event's own status is of no interest: SageMaker is asked.
    late = evaluation.news("TrainingJobName", NAME)

    assert late["led_to"] == "known"
    assert len(evaluation.states.successes) == 1
