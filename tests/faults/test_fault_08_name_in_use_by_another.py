"""Fault 8: `ResourceInUse` for a job of another specification fails at once, and people are told."""

import json

import pytest

from fmops.alerts.executions import of_execution
from fmops.core.errors import NameTaken
from fmops.launches import teardown
from fmops.launches.sagemaker import SPECIFICATION_TAG
from tests.integration.evaluation.conftest import PREFIX, RUN
from tests.integration.evaluation.test_evaluation_journey import Journey
from tests.unit.launches.conftest import NOW, Bench, endpoint, training

NAME = f"{PREFIX}-tune-{RUN}-tuned"


def test_fault_08_foreign_job_of_this_name_fails_the_run_and_alerts(journey: Journey) -> None:
    foreign = {**training().creates[0].request, "TrainingJobName": NAME}
    sagemaker = journey.evaluation.sagemaker
    sagemaker.create_training_job(**foreign, Tags=[{"Key": SPECIFICATION_TAG, "Value": "sha256:other"}])
    sagemaker.end("training_job", NAME, TrainingJobStatus="Completed")

    shown = journey.run()

    assert shown["status"] == "FAILED"
    assert "tuned: NameTaken" in shown["cause"]
    assert f"{NAME} exists already with another specification" in shown["cause"]
    # Asked once: trying the same again does not help.
    assert sagemaker.created.count(NAME) == 1
    alert = of_execution({**shown, "startDate": 0, "stopDate": 0, "input": json.dumps({"use_case": "trivia"})})
    assert alert is not None
    assert "exists already with another specification" in alert.body


def test_fault_08_what_somebody_else_made_is_neither_stopped_nor_deleted(bench: Bench) -> None:
    for launch in (training(), endpoint()):
        for create in launch.creates:
            tags = [{"Key": SPECIFICATION_TAG, "Value": "sha256:other"}]
            getattr(bench.aws, create.operation)(**create.request, Tags=tags)
        with pytest.raises(NameTaken):
            bench.launcher.launch(launch, NOW)
    before = bench.aws.running()

    for candidate in ("tuned", "base"):
        teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", candidate, NOW)

    assert bench.aws.running() == before
    assert len(before) == 2
