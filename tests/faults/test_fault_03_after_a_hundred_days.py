"""Fault 3: the same event after 100 days, when Step Functions has forgotten the execution's name."""

from datetime import timedelta

import pytest

from fmops.core import clock, wiring
from fmops.core.ledger import Ledger
from fmops.evaluation import runs
from tests.integration.account import Account
from tests.integration.drops import Drops, lines
from tests.integration.evaluation.conftest import RUN, Evaluation

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    then = clock.now() + timedelta(days=100)
    monkeypatch.setattr(clock, "_source", lambda: then)


def end(ledger: Ledger, status: str) -> None:
    changes = {"ended_at": clock.iso(clock.now())}
    ledger.transition(runs.key(RUN), ["evaluating"], status, changes, now=clock.now())


def test_fault_03_dataset_that_is_told_of_again_is_known(
    account: Account, drop: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = drop.put("inbox/trivia/rows.jsonl", lines(ROWS))
    told = drop.event("inbox/trivia/rows.jsonl", version)
    drop.tell(told)
    account.events()

    later(monkeypatch)

    assert drop.tell(told)["status"] == "known"
    assert account.events() == []


@pytest.mark.parametrize("ended", ["completed", "approved", "rejected", "expired", "failed"])
def test_fault_03_execution_of_the_same_name_and_arn_ends_as_a_duplicate(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    evaluation.plan()
    end(wiring.ledger(), ended)

    later(monkeypatch)

    # The ARN is made of the name: it is the very one that claimed the run.
    assert evaluation.plan()["outcome"] == "duplicate"
    assert evaluation.sagemaker.created == []
    assert evaluation.record()["status"] == ended


def test_fault_03_run_that_failed_today_may_be_redriven(evaluation: Evaluation) -> None:
    evaluation.plan()
    end(wiring.ledger(), "failed")

    assert evaluation.plan()["outcome"] == "planned"
