"""The reconciler finds what no event told."""

from datetime import timedelta

from fmops.launches import records
from tests.fakes.sagemaker import refusal
from tests.unit.launches.conftest import EXECUTION, NOW, Bench, endpoint, training


def test_reconcile_resumes_a_job_whose_event_was_lost(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)

    done = bench.reconciler.reconcile(NOW)

    assert done.resumed == [training().name]
    assert len(bench.states.successes) == 1


def test_reconcile_has_nothing_to_do_for_what_is_settled(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)
    bench.reconciler.reconcile(NOW)

    assert records.open_jobs(bench.ledger) == []


def test_reconcile_fails_the_task_of_a_job_that_never_came_to_be(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.things["training_job"].clear()

    early = bench.reconciler.reconcile(NOW)
    late = bench.reconciler.reconcile(NOW + timedelta(minutes=20))

    assert early.vanished == []
    assert late.vanished == [training().name]
    assert "does not know it" in bench.states.failures[0][2]


def test_reconcile_stops_what_an_aborted_execution_left_running(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")
    bench.states.over[EXECUTION] = "ABORTED"

    done = bench.reconciler.reconcile(NOW)

    assert sorted(done.released) == sorted([training().name, endpoint().name])
    assert bench.aws.running() == []
    assert records.open_jobs(bench.ledger) == []


def test_reconcile_keeps_an_endpoint_that_its_execution_still_asks(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")

    bench.reconciler.reconcile(NOW)
    bench.reconciler.reconcile(NOW)

    assert bench.aws.running() == [endpoint().name]
    assert [job.name for job in records.open_jobs(bench.ledger)] == [endpoint().name]


def test_reconcile_leaves_what_serves_production_alone(bench: Bench) -> None:
    bench.launcher.launch(endpoint(temporary=False), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")
    bench.states.over[EXECUTION] = "SUCCEEDED"

    bench.reconciler.reconcile(NOW)

    assert bench.aws.running() == [endpoint().name]
    assert records.open_jobs(bench.ledger) == []


def test_one_job_that_can_not_be_looked_at_does_not_hide_the_others(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.launcher.launch(endpoint(), NOW + timedelta(seconds=1))
    bench.aws.complete_training(training().name)
    bench.aws.refuse("describe_endpoint", refusal("ThrottlingException"))

    done = bench.reconciler.reconcile(NOW)

    assert (done.failed, done.resumed) == ([endpoint().name], [training().name])
