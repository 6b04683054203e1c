"""Fault 24: twenty launches at once want the last of a budget. The cap holds, and none is counted twice."""

import threading

import pytest

from fmops.core.errors import BudgetExceeded
from fmops.core.ids import sagemaker_name
from fmops.core.ledger import Ledger
from fmops.launches.launcher import Launcher
from fmops.launches.models import Create
from fmops.launches.purse import Purse
from fmops.usecases import store as usecases
from tests.fakes.dynamo import OneAtATime
from tests.fakes.run import use_case
from tests.unit.launches.conftest import NOW, Bench, training

PRICE = 1.408
"""Of each launch at worst: an hour of ml.g5.xlarge."""


def test_fault_24_twenty_launches_at_once_stay_within_the_month(bench: Bench) -> None:
    usecases.save(bench.ledger, use_case(budget={"run_usd": 1000, "month_usd": 5 * PRICE + 1}), NOW)
    ledger = Ledger(OneAtATime(bench.ledger._dynamodb), "ledger")
    purse = Purse(ledger, lambda _: None)
    launcher = Launcher(ledger, bench.sagemaker, bench.callbacks, purse, "fmops")
    refused: list[str] = []
    begin = threading.Barrier(20)

    def launch(number: int) -> None:
        name = sagemaker_name("ab12cd34", "tune", f"run-{number}")
        request = {**training().creates[0].request, "TrainingJobName": name}
        wanted = training().model_copy(
            update={
                "name": name,
                "run_id": f"run-{number}",
                "creates": (Create(operation="create_training_job", request=request),),
            }
        )
        begin.wait(30)
        try:
            launcher.launch(wanted, NOW)
        except BudgetExceeded:
            refused.append(name)

    threads = [threading.Thread(target=launch, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(bench.aws.created) == 5
    assert len(refused) == 15
    assert not set(refused) & set(bench.aws.created)
    assert purse.of_month("trivia", "2026-11").committed == pytest.approx(5 * PRICE)
