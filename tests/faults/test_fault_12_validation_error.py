"""Fault 12: AWS finds a request wrong. The same request is not sent again."""

from fmops.core.errors import LaunchRefused
from tests.fakes.sagemaker import refusal
from tests.faults.ladder import is_retried
from tests.integration.evaluation.test_evaluation_journey import Journey


def test_fault_12_refused_request_fails_at_once_with_aws_words(journey: Journey) -> None:

    said = refusal("ValidationException", "CreateTrainingJob", "No such image in this registry")
    journey.evaluation.sagemaker.refuse("create_training_job", said)

    shown = journey.run()

    # One refusal was prepared: a second try would have passed.
    assert shown["status"] == "FAILED"
    assert "tuned: LaunchRefused" in shown["cause"]
    assert "No such image in this registry" in shown["cause"]
    assert journey.evaluation.sagemaker.things["training_job"] == {}
    assert not is_retried("LaunchFineTuning", LaunchRefused)
