"""Fault 1: S3 tells of the same object fifty times, at once. One job comes of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fmops.core.ledger import Ledger
from fmops.launches.launcher import Launcher
from tests.fakes.dynamo import OneAtATime
from tests.faults.conftest import Started
from tests.integration.account import Account
from tests.integration.drops import Drops, lines
from tests.unit.launches.conftest import NOW, Bench, training

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


def test_fault_01_fifty_events_at_once_register_one_dataset_and_start_one_run(
    account: Account, drop: Drops, started: Started
) -> None:
    content = lines(ROWS)
    version = drop.put("inbox/trivia/rows.jsonl", content)
    told = drop.event("inbox/trivia/rows.jsonl", version)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: drop.tell(told), range(50)))

    assert {answer["status"] for answer in answers} == {"registered", "known"}
    assert [answer["status"] for answer in answers].count("registered") == 1
    announced = account.events()
    assert announced
    for kind, detail in announced:
        started(kind, detail)
    assert len(started.executions) == 1


def test_fault_01_fifty_launches_at_once_make_one_job(bench: Bench) -> None:
    ledger = Ledger(OneAtATime(bench.ledger._dynamodb), "ledger")
    launcher = Launcher(ledger, bench.sagemaker, bench.callbacks, bench.purse, "fmops")

    def launch(number: int) -> Any:
        return launcher.launch(training(f"token-{number}"), NOW)

    with ThreadPoolExecutor(10) as pool:
        launched = list(pool.map(launch, range(50)))

    assert bench.aws.created == [training().name]
    assert sum(not one.adopted for one in launched) == 1
