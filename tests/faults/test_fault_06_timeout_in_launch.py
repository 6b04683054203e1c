"""Fault 6: Lambda gives a function up while AWS still answers it, and the retry overtakes it. One job."""

import threading
from typing import Any

import pytest

from fmops.core.ledger import Ledger
from fmops.launches import records
from fmops.launches.launcher import Launched, Launcher
from tests.fakes.dynamo import OneAtATime
from tests.unit.launches.conftest import NOW, Bench, training


def test_fault_06_retry_that_overtakes_the_slow_call_makes_the_only_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(OneAtATime(bench.ledger._dynamodb), "ledger")
    launcher = Launcher(ledger, bench.sagemaker, bench.callbacks, bench.purse, "fmops")
    real, asked, go_on = bench.aws._create, threading.Event(), threading.Event()
    slow: list[Launched] = []

    def create(*call: Any) -> Any:
        if not asked.is_set():
            asked.set()
            assert go_on.wait(30)
        return real(*call)

    monkeypatch.setattr(bench.aws, "_create", create)
    hanging = threading.Thread(target=lambda: slow.append(launcher.launch(training("token-1"), NOW)))
    hanging.start()
    assert asked.wait(30)

    launcher.launch(training("token-2"), NOW)
    go_on.set()
    hanging.join(30)

    assert bench.aws.created == [training().name]
    assert slow[0].adopted
    job = records.find(ledger, training().name)
    assert job is not None
    assert job.task_token == "token-2"
