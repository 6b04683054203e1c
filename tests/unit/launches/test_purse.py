"""Money is reserved at worst case before a launch, once, and given back after it."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from fmops.core.errors import BudgetExceeded, LedgerBusy
from fmops.core.ledger import Ledger
from fmops.launches import teardown
from fmops.launches.costs import Cost, Journey
from fmops.launches.models import Launch
from fmops.launches.purse import Purse
from fmops.usecases import store as usecases
from tests.fakes.run import use_case
from tests.fakes.sagemaker import refusal
from tests.unit.launches.conftest import NOW, Bench, endpoint, training

HOUR = 1.408
"""Of ml.g5.xlarge, in US dollars."""


def costing(usd: float, name: str = "ab12cd34-tune-run-1-tuned", **changes: object) -> Launch:
    """A launch of this worst case."""
    cost = Cost(instance_type="ml.g5.xlarge", usd_per_hour=usd, seconds=3600)
    return training().model_copy(update={"name": name, "cost": cost, **changes})


def test_worst_case_is_price_times_limit_with_the_tokens() -> None:
    cost = Cost.of("ml.g5.xlarge", 7200, tokens_usd=0.25)

    assert cost.worst_case_usd == pytest.approx(2 * HOUR + 0.25)


def test_launch_takes_its_worst_case_from_run_and_month_before_anything_is_created(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", refusal("ThrottlingException"))

    with pytest.raises(ClientError, match="Throttling"):
        bench.launcher.launch(training(), NOW)

    # Whether AWS made it nobody knows: the money stays reserved.
    assert bench.purse.of_run("run-1").committed == pytest.approx(HOUR)
    assert bench.purse.of_month("trivia", "2026-11").committed == pytest.approx(HOUR)


def test_launch_that_is_tried_again_takes_nothing_more(bench: Bench) -> None:
    for token in ("token-1", "token-2", "token-3"):
        bench.launcher.launch(training(token), NOW)

    assert bench.purse.of_run("run-1").committed == pytest.approx(HOUR)


def test_end_gives_back_what_was_not_used(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.end("training_job", training().name, BillableTimeInSeconds=900, TrainingTimeInSeconds=1200)
    bench.aws.complete_training(training().name)

    bench.callbacks.resume(training().name, NOW)

    # Spot: fewer seconds are billed than went by.
    assert bench.purse.of_run("run-1") == pytest.approx((HOUR / 4, HOUR / 4))
    assert bench.purse.of_month("trivia", "2026-11") == pytest.approx((HOUR / 4, HOUR / 4))


def test_end_that_is_told_twice_gives_back_once(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.end("training_job", training().name, BillableTimeInSeconds=1800)
    bench.aws.complete_training(training().name)

    for _ in range(3):
        bench.callbacks.resume(training().name, NOW)
        bench.purse.settle(training().name, 0, NOW)

    assert bench.purse.of_month("trivia", "2026-11").committed == pytest.approx(HOUR / 2)


def test_end_without_known_seconds_counts_at_worst_case(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    bench.aws.complete_training(training().name)

    bench.callbacks.resume(training().name, NOW)

    assert bench.purse.of_run("run-1").settled == pytest.approx(HOUR)


def test_launch_that_aws_refused_costs_nothing(bench: Bench) -> None:
    bench.aws.refuse("create_training_job", refusal("ValidationException"))

    with pytest.raises(Exception, match="no"):
        bench.launcher.launch(training(), NOW)

    assert bench.purse.of_run("run-1") == (0, 0)


def test_endpoint_is_paid_until_it_is_deleted_and_anew_when_it_is_made_anew(bench: Bench) -> None:
    bench.launcher.launch(endpoint(), NOW)
    bench.aws.end("endpoint", endpoint().name, EndpointStatus="InService")
    bench.callbacks.resume(endpoint().name, NOW)
    soon = NOW + timedelta(minutes=30)
    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "base", soon)
    settled = bench.purse.of_run("run-1").settled

    bench.launcher.launch(endpoint("token-2"), soon)

    assert settled == pytest.approx(HOUR / 2)
    assert bench.purse.of_run("run-1").committed == pytest.approx(HOUR * 1.5)


def test_launch_beyond_the_run_s_cap_is_refused_and_makes_nothing(bench: Bench) -> None:
    usecases.save(bench.ledger, use_case(budget={"run_usd": 1, "month_usd": 100}), NOW)

    with pytest.raises(BudgetExceeded, match=r"run-1 has 0.00 of its 1.00 USD taken"):
        bench.launcher.launch(training(), NOW)

    assert bench.aws.created == []
    assert bench.purse.open() == []


def test_launch_beyond_the_month_s_cap_is_refused_until_the_next_month(bench: Bench) -> None:
    usecases.save(bench.ledger, use_case(budget={"run_usd": 100, "month_usd": 3}), NOW)
    bench.purse.reserve(costing(2, "job-1", run_id="run-0"), NOW)

    with pytest.raises(BudgetExceeded, match=r"trivia has 2.00 of its 3.00 USD for 2026-11 taken"):
        bench.purse.reserve(costing(2, "job-2"), NOW)
    bench.purse.reserve(costing(2, "job-2"), NOW + timedelta(days=10))


def test_raised_budget_lets_the_same_launch_pass(bench: Bench) -> None:
    usecases.save(bench.ledger, use_case(budget={"run_usd": 1, "month_usd": 100}), NOW)
    with pytest.raises(BudgetExceeded):
        bench.launcher.launch(training(), NOW)

    usecases.save(bench.ledger, use_case(budget={"run_usd": 5, "month_usd": 100}), NOW)

    assert not bench.launcher.launch(training("token-2"), NOW).adopted


def test_watching_counts_for_the_month_and_not_for_a_run_s_cap(bench: Bench) -> None:
    usecases.save(bench.ledger, use_case(budget={"run_usd": 1, "month_usd": 100}), NOW)

    bench.purse.reserve(costing(2, journey=Journey.MONITORING), NOW)

    [month] = bench.ledger.of_kind("spend_month")
    assert (month["monitoring_usd"], month["committed_usd"]) == (2, 2)


def test_conflict_is_tried_again_after_a_pause_that_is_drawn(bench: Bench) -> None:
    pauses: list[float] = []
    busy = _Busy(bench.ledger, times=3)

    Purse(busy, pauses.append).reserve(training(), NOW)

    assert len(pauses) == 3
    assert all(0 <= pause <= 0.4 for pause in pauses)
    assert bench.purse.of_run("run-1").committed == pytest.approx(HOUR)


def test_conflict_that_lasts_is_said(bench: Bench) -> None:
    with pytest.raises(LedgerBusy):
        Purse(_Busy(bench.ledger, times=99), lambda _: None).reserve(training(), NOW)


def test_stopped_job_is_settled_when_it_has_ended(bench: Bench) -> None:
    bench.launcher.launch(training(), NOW)
    teardown.release_candidate(bench.ledger, bench.sagemaker, bench.purse, "run-1", "tuned", NOW)
    bench.aws.end("training_job", training().name, TrainingJobStatus="Stopping")
    early = bench.reconciler.reconcile(NOW).settled
    bench.aws.end("training_job", training().name, TrainingJobStatus="Stopped", BillableTimeInSeconds=360)

    late = bench.reconciler.reconcile(NOW).settled

    assert (early, late) == ([], [training().name])
    assert bench.purse.of_run("run-1").settled == pytest.approx(HOUR / 10)


class _Busy(Ledger):
    """A ledger of which another transaction has the records, for so many tries."""

    def __init__(self, ledger: Ledger, times: int) -> None:
        super().__init__(ledger._dynamodb, ledger._table)
        self._times = times

    def transact(self, parts):  # type: ignore[no-untyped-def]
        if self._times:
            self._times -= 1
            raise LedgerBusy("somebody writes")
        super().transact(parts)
