"""Fault 16: the event of a job's end never comes. The reconciler finds it within five minutes."""

import pytest
from botocore.exceptions import ClientError

from tests.conftest import REPO
from tests.integration.evaluation.conftest import Evaluation
from tests.unit.launches.conftest import NOW, Bench, endpoint, training
from tools.templates import read, resources


def test_fault_16_lost_end_of_a_job_is_found_and_told_once(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    uri = bench.aws.complete_training(training().name)

    first, second = bench.reconciler.reconcile(NOW), bench.reconciler.reconcile(NOW)

    assert (first.resumed, second.resumed) == ([training().name], [])
    [(token, result)] = bench.states.successes
    assert (token, result["model_data_uri"]) == ("token-1", uri)


def test_fault_16_lost_end_of_an_endpoint_s_start_is_found(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")

    bench.reconciler.reconcile(NOW)

    assert bench.states.successes[0][1]["endpoint_name"] == endpoint().name


def test_fault_16_end_that_was_written_down_and_not_told_is_told(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    bench.states.broken = 1
    with pytest.raises(ClientError, match="InternalServerError"):
        bench.callbacks.resume(training().name, NOW)

    bench.reconciler.reconcile(NOW)

    assert len(bench.states.successes) == 1


def test_fault_16_reconciler_runs_every_five_minutes() -> None:
    functions = resources(read(REPO / "template.yaml"), "AWS::Serverless::Function")

    [event] = functions["ReconcileFunction"]["Events"].values()
    assert event["Properties"]["ScheduleExpression"] == "rate(5 minutes)"


def test_fault_16_handler_does_all_of_it(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("start_inference", "base", "token-1")
    [name] = evaluation.sagemaker.things["endpoint"]
    evaluation.sagemaker.end("endpoint", name, EndpointStatus="InService")

    done = evaluation.call("operations/reconcile")

    assert done["resumed"] == [name]
    assert done["failed"] == []
