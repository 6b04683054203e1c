"""Fault 11: twenty throttled calls in a row. They are tried again with jitter, and other candidates go on."""

from typing import Any

import pytest

from tests.fakes.sagemaker import refusal
from tests.faults.ladder import retries
from tests.integration.evaluation.conftest import PREFIX, RUN
from tests.integration.evaluation.test_evaluation_journey import Journey

BASE = f"{PREFIX}-eval-{RUN}-base"


def test_fault_11_throttled_candidate_is_named_and_the_other_is_scored(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    sagemaker, left = journey.evaluation.sagemaker, [20]
    real = sagemaker._create

    def create(kind: str, operation: str, request: dict[str, Any]) -> Any:
        if request.get("ModelName") == BASE and left[0]:
            left[0] -= 1
            raise refusal("ThrottlingException", operation, "Rate exceeded")
        return real(kind, operation, request)

    monkeypatch.setattr(sagemaker, "_create", create)
    execution = journey.start()
    journey.pass_time(lambda: journey.machines.api.describe_execution(executionArn=execution)["status"] != "RUNNING")

    shown = journey.ended(execution)

    assert "base: ClientError" in shown["cause"]
    assert "Rate exceeded" in shown["cause"]
    assert journey.evaluation.record("CANDIDATE#tuned")["status"] == "scored"
    assert sagemaker.running() == []


@pytest.mark.parametrize("state", ["LaunchFineTuning", "StartInference", "LaunchEvaluation"])
def test_fault_11_retries_are_jittered_and_bounded(state: str) -> None:
    [rule] = [rule for rule in retries(state) if "ClientError" in rule["ErrorEquals"]]

    assert rule["JitterStrategy"] == "FULL"
    # Each try is four of botocore's own.
    assert 4 * (1 + rule["MaxAttempts"]) >= 20
